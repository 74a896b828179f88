/**
 * The clock of all deadlines and times.
 *
 * @module
 */

const { timeOrigin } = performance;

/** A clock for all threads: epoch milliseconds that do not jump when the system's clock is set. */
export function now(): number {
  return timeOrigin + performance.now();
}

/** The longest time that a runtime's timer can wait. */
export const MAX_TIME = 2 ** 31 - 1;
