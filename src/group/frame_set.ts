/**
 * A set of frames of several cameras that belong together.
 *
 * @module
 */

import type { Frame, TimeSource } from "../core/frame/frame.ts";
import type { WhenMissing } from "../core/options/group_options.ts";

/** Frames by the names of their cameras; with `whenMissing: "omit"` some may be undefined. */
export type FramesByName<Name extends string, M extends WhenMissing> = Readonly<
  M extends "wait" ? Record<Name, Frame> : Partial<Record<Name, Frame>>
>;

/** Everything of a set; `delays` are none by default. */
export type FrameSetFields<Name extends string, M extends WhenMissing> =
  & Omit<FrameSet<Name, M>, "age" | "delays">
  & Partial<Pick<FrameSet<Name, M>, "delays">>;

/**
 * One frame of each camera. Its frames are valid until the same reader takes its
 * next set (`read()`, `next()`, the next turn of a loop) or the group is stopped;
 * `frame.copy()` is valid for ever.
 */
export class FrameSet<Name extends string = string, M extends WhenMissing = WhenMissing> {
  /** The frames, by the names of the cameras. */
  readonly frames: FramesByName<Name, M>;
  /** The cameras that have no frame in it; always none with `whenMissing: "wait"`. */
  readonly missing: readonly Name[];
  /** Epoch milliseconds, halfway between the times of its first and its last frame. */
  readonly time: number;
  /**
   * Milliseconds between its first and its last frame, by arrival times, or with `sync:
   * "capture"` by capture times. Where `timeSource` is `"arrival"`, it is what was seen
   * here: how long the way of each frame was is not in it, unless `delays` has it.
   * Cameras over different protocols may be hundreds of milliseconds apart.
   */
  readonly skew: number;
  /**
   * Milliseconds that were taken off the arrival times of frames, by the names of their
   * cameras: those of the option `delays`, where a frame is timed by arrival.
   */
  readonly delays: Readonly<Partial<Record<Name, number>>>;
  /** `rtcp` if the times of all its frames come from the cameras' own clocks. */
  readonly timeSource: TimeSource;

  /** Sets are made by `StreamGroup`; the constructor is for tests of your own code. */
  constructor({ frames, missing, time, skew, delays, timeSource }: FrameSetFields<Name, M>) {
    this.frames = frames;
    this.missing = missing;
    this.time = time;
    this.skew = skew;
    this.delays = delays ?? ({} as Readonly<Partial<Record<Name, number>>>);
    this.timeSource = timeSource;
  }

  /** Milliseconds since the arrival of its oldest frame. */
  get age(): number {
    const frames: readonly (Frame | undefined)[] = Object.values(this.frames);
    return Math.max(...frames.map((frame) => frame?.age ?? 0));
  }
}
