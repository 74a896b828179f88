/**
 * How long a rule must have held before it is used, and when it is given up.
 *
 * @module
 */

/** Pictures that have to agree with a rule before it is used: at first, and at most. */
const FIRST_NEEDED = 4;
const MOST_NEEDED = 32;
/** Pictures without a mistake after which mistakes are forgotten. */
const CALM = 250;

/** How far the rules are trusted. */
export class Probation {
  needed = FIRST_NEEDED;
  wrongGuesses = 0;
  fallbacks = 0;
  gaveUp = false;
  #calm = 0;

  fallBack(): void {
    this.fallbacks++;
    this.#calm = 0;
    if (this.needed === MOST_NEEDED) this.gaveUp = true;
    else this.needed *= 2;
  }

  /** A picture went well. */
  succeeded(): void {
    if (++this.#calm === CALM) this.needed = FIRST_NEEDED;
  }
}
