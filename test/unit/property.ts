/**
 * What must hold for all values, tried with random ones. A failure shows the values of the smallest
 * case that was found, and the seed and the path with which fast-check repeats it.
 */

import fc, { type GeneratorValue } from "fast-check";

/** fast-check would rather have small numbers and large ones, to which shares do not apply. */
const evenly = (max: number) => fc.noBias(fc.nat(max));

/** Values of one case, drawn while it runs: those of a failure are made smaller one by one. */
export class Drawn {
  readonly #draw: GeneratorValue;

  constructor(draw: GeneratorValue) {
    this.#draw = draw;
  }

  /** 0 <= x < 1, evenly. */
  number(): number {
    return this.#draw(evenly, 2 ** 31 - 1) / 2 ** 31;
  }

  /** A whole number; both ends are possible, and more likely than others. */
  integer(min: number, max: number): number {
    return this.#draw(fc.integer, { min, max });
  }

  pick<T>(items: readonly T[]): T {
    return items[this.#draw(evenly, items.length - 1)]!;
  }

  /** A text of these characters. */
  text(alphabet: readonly string[], min: number, max: number): string {
    return Array.from({ length: this.integer(min, max) }, () => this.pick(alphabet)).join("");
  }

  /** For noise that is too much to be drawn. */
  seed(): number {
    return this.#draw(fc.integer);
  }
}

/** Fails when the check of one of so many cases throws. */
export function forAll(cases: number, check: (drawn: Drawn) => void): void {
  fc.assert(fc.property(fc.gen(), (draw) => check(new Drawn(draw))), { numRuns: cases });
}

/** The same for what takes its time. */
export async function forAllAsync(
  cases: number,
  check: (drawn: Drawn) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(fc.gen(), (draw) => check(new Drawn(draw)));
  await fc.assert(property, { numRuns: cases });
}
