/**
 * The times of decoded pictures, in seconds.
 *
 * @module
 */

import { NOPTS } from "../../../ffi/mod.ts";
import type { Rational } from "../../core/timing/rational.ts";

/** Frames per second of a file that does not declare it. */
export const USUAL_RATE = 25;

/** Of one connection; the times of a file that is played again go on. */
export class FileTimeline {
  readonly #timeBase: Rational;
  #offset = 0;
  #last: number | undefined;
  /** The time of the first picture of the next round. */
  #next: number | undefined;

  constructor(timeBase: Rational) {
    this.#timeBase = timeBase;
  }

  /** The last time that a picture had. */
  get last(): number | undefined {
    return this.#last;
  }

  /**
   * The next picture's time.
   *
   * @param step seconds from one picture to the next, for a picture without a time; NaN:
   * it has none
   */
  next(timestamp: bigint, step = NaN): number {
    if (timestamp === NOPTS) {
      if (Number.isNaN(step)) return NaN;
      return this.#last = this.#last === undefined ? 0 : this.#last + step;
    }
    const { num, den } = this.#timeBase;
    const own = Number(timestamp) * num / den;
    if (this.#next !== undefined) this.#offset = this.#next - own;
    this.#next = undefined;
    return this.#last = own + this.#offset;
  }

  /** The file begins again, one frame after the last picture, whenever its times begin. */
  restart(frameRate = USUAL_RATE): void {
    if (this.#last !== undefined) this.#next = this.#last + 1 / frameRate;
  }
}
