/**
 * The times of decoded pictures, in seconds.
 *
 * @module
 */

import { NOPTS } from "../../../ffi/mod.ts";
import type { Rational } from "../../core/timing/rational.ts";

/** Frames per second of a file that does not declare it. */
const USUAL_RATE = 25;

/** Of one connection; the times of a file that is played again go on. */
export class FileTimeline {
  readonly #timeBase: Rational;
  #offset = 0;
  #last: number | undefined;

  constructor(timeBase: Rational) {
    this.#timeBase = timeBase;
  }

  /** The last time that a picture had. */
  get last(): number | undefined {
    return this.#last;
  }

  /** The next picture's time; NaN where it has none. */
  next(timestamp: bigint): number {
    if (timestamp === NOPTS) return NaN;
    const { num, den } = this.#timeBase;
    return this.#last = Number(timestamp) * num / den + this.#offset;
  }

  /** The file begins again, one frame after the last picture. */
  restart(frameRate = USUAL_RATE): void {
    this.#offset = (this.#last ?? 0) + 1 / frameRate;
  }
}
