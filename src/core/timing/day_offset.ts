/**
 * The time of day, beside a clock that never jumps.
 *
 * @module
 */

/**
 * How far the system's clock is from the steady one, in milliseconds. Follows every set
 * and every suspend, exactly to a millisecond, and does not tremble: the system's clock is
 * read in whole milliseconds.
 */
export class DayOffset {
  #offset: number;

  constructor(offset = 0) {
    this.#offset = offset;
  }

  /**
   * @param steady milliseconds of the steady clock
   * @param day epoch milliseconds at the same moment, without fractions
   */
  update(steady: number, day: number): number {
    const least = day - steady;
    if (this.#offset < least) this.#offset = least;
    else if (this.#offset > least + 1) this.#offset = least + 1;
    return this.#offset;
  }
}
