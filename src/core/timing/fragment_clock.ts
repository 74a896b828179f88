/**
 * When what was written of a file is to be put where it can be played, if the process is
 * killed: a second of it may be lost.
 *
 * @module
 */

/** Milliseconds of the film after which libav ends a fragment itself, with the next packet. */
export const FRAGMENT_MS = 500;
/**
 * Milliseconds of the clock after which a fragment ends in any case: the film may be slower
 * than the clock, and the next packet may never come. It is longer than the other, so that a
 * film in real time is not cut twice, and leaves time to look.
 */
const LONGEST_MS = 750;

/** Of one file. */
export class FragmentClock {
  /** When the fragment was begun, and the decoding time of its first packet. */
  #begin: { readonly time: number; readonly decoded: number } | undefined;

  /**
   * A packet was written.
   *
   * @param time milliseconds of the clock
   * @param decoded its decoding time in milliseconds
   */
  wrote(time: number, decoded: number, keyframe: boolean): void {
    const begun = keyframe || !this.#begin || decoded - this.#begin.decoded >= FRAGMENT_MS;
    if (begun) this.#begin = { time, decoded };
  }

  /** Whether the fragment is to be ended now; then it is taken for ended. */
  isDue(time: number): boolean {
    if (!this.#begin || time - this.#begin.time < LONGEST_MS) return false;
    this.#begin = undefined;
    return true;
  }
}
