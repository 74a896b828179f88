/**
 * Fractions, in which rates and time bases are expressed.
 *
 * @module
 */

export interface Rational {
  readonly num: number;
  readonly den: number;
}

/** Frame rates that are not whole: 29.97 is 29970/1000. */
const RATE_DEN = 1_000;

/** Frames per second as a fraction. */
export function rationalRate(fps: number): Rational {
  return Number.isInteger(fps)
    ? { num: fps, den: 1 }
    : { num: Math.round(fps * RATE_DEN), den: RATE_DEN };
}
