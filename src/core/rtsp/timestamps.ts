/**
 * Timestamps that do not wrap.
 *
 * @module
 */

/** Of one track: its 32 bits are counted on, from 0 at the first packet. */
export class Timestamps {
  #last: number | undefined;
  #extended = 0n;

  /** The timestamp as a number of 64 bits. A picture that is shown earlier may come later. */
  extend(timestamp: number): bigint {
    const last = this.#last ?? timestamp;
    this.#last = timestamp;
    // What is nearest is meant: forward or back.
    this.#extended += BigInt(timestamp - last | 0);
    return this.#extended;
  }
}
