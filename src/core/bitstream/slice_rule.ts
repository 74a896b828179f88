/**
 * The number of slices in a picture.
 *
 * @module
 */

/** How many slices a picture has, learnt apart for keyframes and others. */
export class SliceRule {
  readonly #counts = [0, 0];
  readonly #runs = [0, 0];

  holds(needed: number): boolean {
    return this.expected(false, needed) + this.expected(true, needed) > 0;
  }

  /**
   * The count that `needed` pictures had, 0 when not known. A keyframe has the
   * others', once one had it.
   */
  expected(keyframe: boolean, needed: number): number {
    const [kind, other] = keyframe ? [1, 0] : [0, 1];
    const count = this.#counts[kind]!;
    const shared = count === this.#counts[other] ? this.#runs[other] : 0;
    return this.#runs[kind]! + shared! >= needed ? count : 0;
  }

  note(keyframe: boolean, count: number): void {
    const kind = keyframe ? 1 : 0;
    this.#runs[kind] = count === this.#counts[kind] ? this.#runs[kind]! + 1 : 1;
    this.#counts[kind] = count;
  }

  distrust(): void {
    this.#counts.fill(0);
  }
}
