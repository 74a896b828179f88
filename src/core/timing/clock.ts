/**
 * The clock of all deadlines and intervals, and the time of day.
 *
 * @module
 */

import { DayOffset } from "./day_offset.ts";

let origin = performance.timeOrigin;
let offset = new DayOffset();

/**
 * Milliseconds of a clock that all threads have, and that does not jump when the system's
 * clock is set. It is near the epoch's, but only `epochTime` tells the time of day.
 */
export function now(): number {
  return origin + performance.now();
}

/** What is to be added to `now()` for epoch milliseconds, as the system's clock is set now. */
export function clockOffset(): number {
  const before = now();
  const day = Date.now();
  return offset.update(before, day, now());
}

/** Epoch milliseconds of a moment of `now()`, by the system's clock as it is set now. */
export function epochTime(time: number): number {
  return time + clockOffset();
}

/** The clock of a thread, for one that it has started. */
export interface ClockReading {
  readonly time: number;
  readonly offset: number;
  /** What `performance.now()` counts from, as the runtime has it, and as `now()` does. */
  readonly timeOrigin: number;
  readonly origin: number;
}

export function readClock(): ClockReading {
  const { timeOrigin } = performance;
  return { time: now(), offset: clockOffset(), timeOrigin, origin };
}

/** No thread takes so many milliseconds to start. */
const SLOWEST_START = 10_000;

/**
 * Makes the clock of this thread that of the one which has just started it. In Deno and Bun
 * a thread's origin is the time of day at its start, and that may have been set since the
 * other's; in Node all threads count from the start of the process.
 */
export function followClock({ time, offset: told, ...other }: ClockReading): void {
  offset = new DayOffset(told);
  if (performance.timeOrigin === other.timeOrigin) {
    origin = other.origin;
    return;
  }
  origin = performance.timeOrigin - told;
  const elapsed = now() - time;
  // The system's clock was set while this thread started.
  if (elapsed < -SLOWEST_START || elapsed > SLOWEST_START) origin = time;
}

/** The longest time that a runtime's timer can wait. */
export const MAX_TIME = 2 ** 31 - 1;
