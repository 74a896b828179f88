/**
 * When the pictures of a file are due.
 *
 * @module
 */

/** Lets a stream that could be faster go at the pace of its own times. */
export class Pacer {
  readonly #start: number;
  #first: number | undefined;

  /** @param start the milliseconds of `now()` at which the first picture is due */
  constructor(start: number) {
    this.#start = start;
  }

  /**
   * The milliseconds of `now()` at which a picture is due; -Infinity for one without a time.
   *
   * @param time the picture's own, in seconds
   */
  due(time: number): number {
    if (Number.isNaN(time)) return -Infinity;
    this.#first ??= time;
    return this.#start + (time - this.#first) * 1000;
  }
}
