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
   * @param before milliseconds of the steady clock before the day's was read
   * @param day epoch milliseconds, without fractions
   * @param after as `before`, behind it: a busy machine may have done something else meanwhile
   */
  update(before: number, day: number, after: number): number {
    const [least, most] = [day - after, day + 1 - before];
    this.#offset = Math.min(Math.max(this.#offset, least), most);
    return this.#offset;
  }
}
