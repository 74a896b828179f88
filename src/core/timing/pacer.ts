/**
 * When the pictures of a file are due.
 *
 * @module
 */

/** Seconds from one picture to the next: more is a jump, unless all are that far apart. */
const LONGEST_STEP = 10;
const MANY_STEPS = 4;
/** Less is disorder, in seconds. */
const LONGEST_BACK = 1;
/** Seconds from one picture to the next where nothing tells. */
const USUAL_STEP = 0.04;

/**
 * Lets a stream that could be faster go at the pace of its own times. Where they jump, the
 * next picture is due one step after the last.
 */
export class Pacer {
  /** When a picture with the time 0 is due. */
  #zero: number | undefined;
  readonly #start: number;
  #last = NaN;
  #step = USUAL_STEP;

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
    this.#zero ??= this.#start - time * 1000;
    const step = time - this.#last;
    if (step < -LONGEST_BACK || step > Math.max(LONGEST_STEP, MANY_STEPS * this.#step)) {
      this.#zero -= (step - this.#step) * 1000;
    } else if (step > 0) this.#step = step;
    this.#last = time;
    return this.#zero + time * 1000;
  }
}
