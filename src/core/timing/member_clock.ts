/**
 * The times of one camera's pictures, by a clock that all cameras of a group have.
 *
 * @module
 */

import type { SlotMeta } from "../shared/slot_table.ts";
import { CameraClock, type CaptureTime } from "./camera_clock.ts";
import { SampleWindow } from "./meters.ts";
import type { Candidate } from "./pairing.ts";

/** Milliseconds by which a right clock may be ahead of the arrival: clocks are set that well. */
const MAX_AHEAD = 50;
/** A way of this many milliseconds, or of `maxWait` if that is more, is no wrong clock. */
const USUAL_WAY = 1_000;
/** So many pictures back a time is still known. */
const KEPT = 256;
/** Of so many distances, the one at this share is usual: every other may have a gap in it. */
const DISTANCES = 9;
const USUAL_SHARE = 0.4;

/** A picture whose time is known. */
export interface TimedPicture extends Candidate {
  /** The time is the camera's own word. */
  readonly cameraClock: boolean;
  /** Milliseconds that were taken off its arrival; undefined where no delay is known. */
  readonly delay?: number;
}

/** Of one member of a group. */
export class MemberClock {
  readonly #byCamera: boolean;
  readonly #behind: number;
  readonly #delay: number | undefined;
  readonly #known = new Map<number, TimedPicture>();
  readonly #distances = new SampleWindow(DISTANCES);
  #clock: CameraClock;
  #connection = 0;
  #newest: TimedPicture | undefined;

  /**
   * @param byCamera by the cameras' own clocks, where they have one; else by arrival
   * @param delay milliseconds by which pictures arrive later than they were taken, if known
   */
  constructor(byCamera: boolean, maxWait: number, delay?: number) {
    this.#byCamera = byCamera;
    this.#delay = delay;
    this.#behind = Math.max(USUAL_WAY, maxWait);
    this.#clock = this.#makeClock();
  }

  /** The newest picture of this connection that was looked at. */
  get newest(): TimedPicture | undefined {
    return this.#newest;
  }

  /** Usual milliseconds from one picture to the next; NaN before there are two. */
  get interval(): number {
    return this.#distances.percentiles([USUAL_SHARE])[0];
  }

  /** Pictures of a connection, oldest first, with their times. */
  timed(pictures: readonly SlotMeta[], connection: number): TimedPicture[] {
    if (connection !== this.#connection) {
      this.#connection = connection;
      this.#clock = this.#makeClock();
      this.#newest = undefined;
    }
    const timed = pictures.map((picture) => this.#known.get(picture.index) ?? this.#note(picture));
    for (const index of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(index);
    }
    return timed;
  }

  #note(picture: SlotMeta): TimedPicture {
    const { index, arrivalTime: arrival } = picture;
    const timed = { index, arrival, ...this.#timeOf(picture) };
    this.#known.set(index, timed);
    const newest = this.#newest;
    // One that was being written during the last look is older than what was seen there.
    if (newest && index < newest.index) return timed;
    if (newest) this.#distances.add(timed.time - newest.time);
    this.#newest = timed;
    return timed;
  }

  #timeOf(picture: SlotMeta) {
    const { time, cameraClock } = this.#toldTime(picture);
    const delay = this.#delay;
    if (cameraClock || delay === undefined) return { time, cameraClock };
    return { time: time - delay, cameraClock, delay };
  }

  #toldTime({ captureTime, cameraClock, arrivalTime }: SlotMeta): CaptureTime {
    if (!this.#byCamera) return { time: arrivalTime, cameraClock: false };
    // What the stream has laid on our clock already.
    if (!cameraClock) return { time: captureTime, cameraClock };
    return this.#clock.resolve(captureTime, arrivalTime);
  }

  #makeClock(): CameraClock {
    return new CameraClock({ ahead: MAX_AHEAD, behind: this.#behind });
  }
}
