/**
 * At most so many frames a second.
 *
 * @module
 */

/** Share of a frame's time by which it may come early: cameras are not that even. */
const EARLY = 0.1;

/** A stream that restarts goes back by at least so many milliseconds; less is disorder. */
const RESTART = 1_000;

/** Picks frames by their times, in milliseconds, evenly on average. */
export class RateLimit {
  readonly #interval: number;
  #last = -Infinity;
  #due = -Infinity;

  /** Frames per second; Infinity for all. */
  constructor(maxFps: number) {
    this.#interval = 1000 / maxFps;
  }

  /** Whether the frame of that time is one of them. */
  accepts(time: number): boolean {
    if (this.#interval === 0) return true;
    const restarted = time < this.#last - RESTART;
    this.#last = restarted ? time : Math.max(time, this.#last);
    if (!restarted && time < this.#due - this.#interval * EARLY) return false;
    // On a grid, so that 20 of 30 are two of three; not after a gap, which
    // would be caught up with.
    const late = restarted || time > this.#due + this.#interval;
    this.#due = (late ? time : this.#due) + this.#interval;
    return true;
  }
}
