/** What the tests of several cameras share: cameras, and what is left of their sets. */

import { assert } from "@std/assert";
import type { FrameSet, StreamGroup, StreamSourceOptions, WhenMissing } from "../../mod.ts";
import { median } from "../support/numbers.ts";
import { readStamp } from "../support/stamp.ts";
import { type StampCamera, startStampCamera } from "../support/stamp_camera.ts";
import { within } from "../support/waiting.ts";
import { AT_ONCE } from "./reading.ts";

/** What a set has of one camera. */
export interface PictureNote {
  readonly index: number;
  readonly connection: number;
  readonly width: number;
  readonly height: number;
  readonly arrival: number;
  readonly capture: number;
  /** The camera's clock, as its pixels have it; NaN where they have none. */
  readonly stamp: number;
}

/** What is left of a set when its frames were given back. */
export interface SetNote {
  /** Epoch milliseconds at which the program had it. */
  readonly at: number;
  readonly skew: number;
  readonly time: number;
  readonly age: number;
  readonly timeSource: string;
  readonly missing: readonly string[];
  readonly pictures: Readonly<Record<string, PictureNote>>;
  /** From the first to the last of the stamps. */
  readonly stampSkew: number;
}

export function note(set: FrameSet): SetNote {
  const pictures: Record<string, PictureNote> = {};
  for (const [name, frame] of Object.entries(set.frames)) {
    if (!frame) continue;
    const { index, connection, width, height, arrivalTime, captureTime, channels } = frame;
    const stamp = width >= 512 && channels <= 4 ? readStamp(frame) ?? NaN : NaN;
    pictures[name] = {
      ...{ index, connection, width, height, stamp },
      ...{ arrival: arrivalTime, capture: captureTime },
    };
  }
  const stamps = Object.values(pictures).map(({ stamp }) => stamp);
  const { skew, time, age, timeSource, missing } = set;
  return {
    ...{ at: Date.now(), skew, time, age, timeSource, missing, pictures },
    stampSkew: Math.max(...stamps) - Math.min(...stamps),
  };
}

/** Sets of a loop of its own, until one of them is the last. */
export function setsUntil<Name extends string, M extends WhenMissing>(
  what: string,
  rig: StreamGroup<Name, M>,
  isLast: (note: SetNote, notes: readonly SetNote[]) => boolean | Promise<boolean>,
  ms = 25_000,
): Promise<SetNote[]> {
  return within(
    what,
    (async () => {
      const notes: SetNote[] = [];
      for await (const set of rig) {
        notes.push(note(set as FrameSet));
        if (await isLast(notes[notes.length - 1]!, notes)) break;
      }
      return notes;
    })(),
    ms,
  );
}

/** So many sets. */
export function takeSets<Name extends string, M extends WhenMissing>(
  rig: StreamGroup<Name, M>,
  count: number,
): Promise<SetNote[]> {
  return setsUntil(`${count} sets`, rig, (_, notes) => notes.length === count);
}

/** Sets after the cameras have told their clocks. */
export async function takeTimedSets<Name extends string, M extends WhenMissing>(
  rig: StreamGroup<Name, M>,
  count: number,
): Promise<SetNote[]> {
  const isTimed = ({ timeSource }: SetNote) => timeSource === "rtcp";
  const notes = await setsUntil(`${count} sets with cameras' clocks`, rig, (_, all) => {
    return all.filter(isTimed).length === count;
  });
  return notes.filter(isTimed);
}

/**
 * What holds for every set: each has other pictures than the one before, in order;
 * of the newest of each some may be the same.
 */
export function assertInOrder(notes: readonly SetNote[], repeating = false): void {
  for (const [i, { pictures }] of notes.entries()) {
    for (const [name, { index }] of Object.entries(pictures)) {
      const before = notes.slice(0, i).findLast((one) => name in one.pictures)?.pictures[name];
      const least = (before?.index ?? -1) + (repeating ? 0 : 1);
      if (before) assert(index >= least, `${name}: ${index} after ${before.index}`);
    }
  }
}

/**
 * From the first to the last stamp of each set, by the cameras' clocks: on a busy
 * machine a sender report may be held up, and tells a time that is wrong for all
 * pictures alike.
 */
export function stampSkews(notes: readonly SetNote[]): number[] {
  const names = Object.keys(notes[0]!.pictures);
  const wrong = names.map((name) => {
    const errors = notes.map(({ pictures }) => pictures[name]!.capture - pictures[name]!.stamp);
    return median(errors.filter((error) => !Number.isNaN(error)));
  });
  return notes.map(({ pictures }) => {
    const stamps = names.map((name, i) => pictures[name]!.stamp + wrong[i]!);
    return Math.max(...stamps) - Math.min(...stamps);
  }).filter((skew) => !Number.isNaN(skew));
}

/** A camera of a group with the clock in its pixels. */
export function stamped(camera: StampCamera, url = camera.url): StreamSourceOptions {
  return { url, format: "gray8", ffmpeg: AT_ONCE, reconnect: { delay: 100 } };
}

export const STAMPED = { codec: "h264", width: 640, height: 360, fps: 30 } as const;

/** Cameras of these recipes, which are started at the same time. */
export function startStamped(
  ...recipes: readonly Partial<Parameters<typeof startStampCamera>[0]>[]
): Promise<StampCamera[]> {
  return Promise.all(recipes.map((recipe) => startStampCamera({ ...STAMPED, ...recipe })));
}
