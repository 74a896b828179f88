/** Frames as they reach a `CameraClock`. */

import type { CameraClock, CaptureTime } from "../../../src/core/timing/camera_clock.ts";
import { Seeded } from "../../support/seeded.ts";

/** 32-bit times of 1/90000 s. */
export const WRAP = 2 ** 32 / 90;
export const NOW = 1_700_000_000_000;
/** A camera whose clock began at 1970 when it was switched on. */
export const YEARS = -NOW + 86_400_000;
/** Float64 epoch milliseconds are that exact. */
export const EXACT = 0.001;

export interface Feed {
  /** Added to the true time by the camera's clock. */
  readonly wrongBy: number;
  readonly frameTime?: number | undefined;
  /** Milliseconds on the network, of a frame at that true time. */
  readonly delay: (time: number) => number;
  readonly from?: number | undefined;
  readonly seconds: number;
}

export interface Seen extends CaptureTime {
  readonly taken: number;
  readonly camera: number;
  readonly arrival: number;
}

/** What a clock makes of frames, with the truth about them. */
export function feed(clock: CameraClock, { wrongBy, delay, seconds, ...rest }: Feed): Seen[] {
  const { frameTime = 40, from = NOW } = rest;
  return Array.from({ length: Math.floor(seconds * 1_000 / frameTime) }, (_, i) => {
    const taken = from + i * frameTime;
    const camera = taken + wrongBy;
    const arrival = taken + delay(taken);
    return { taken, camera, arrival, ...clock.resolve(camera, arrival) };
  });
}

/** A network that adds up to 80 ms, and to some of the frames nothing. */
export function jittering(seed: number): () => number {
  const random = new Seeded(seed);
  return () => 20 + Math.max(0, random.number() * 100 - 20);
}

/** A network that stands still: all that was taken meanwhile arrives at the end. */
export function stalling(begin: number, stall: number): (time: number) => number {
  const end = begin + stall;
  return (time) => time >= begin && time < end ? end - time + 20 : 20;
}
