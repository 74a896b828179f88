/**
 * What is known of a packet, kept for the picture that is decoded from it.
 *
 * @module
 */

/**
 * Remembers a number for each of the last packets by its presentation time,
 * because a decoder may give frames out later, and in another order.
 */
export class PacketNotes {
  readonly #timestamps: BigInt64Array;
  readonly #values: Float64Array;
  #newest = 0;

  constructor(size = 64) {
    this.#timestamps = new BigInt64Array(size);
    this.#values = new Float64Array(size).fill(NaN);
  }

  /** One of the same time as the last takes its place: a picture may come in many packets. */
  note(timestamp: bigint, value: number): void {
    if (this.#timestamps[this.#newest] !== timestamp || Number.isNaN(this.last)) {
      this.#newest = (this.#newest + 1) % this.#values.length;
    }
    this.#timestamps[this.#newest] = timestamp;
    this.#values[this.#newest] = value;
  }

  /** What was noted last with that time. */
  of(timestamp: bigint): number | undefined {
    for (let i = 0; i < this.#values.length; i++) {
      const at = (this.#newest - i + this.#values.length) % this.#values.length;
      if (this.#timestamps[at] === timestamp && !Number.isNaN(this.#values[at])) {
        return this.#values[at];
      }
    }
    return undefined;
  }

  /** The time of the last packet. */
  get newest(): bigint | undefined {
    return Number.isNaN(this.last) ? undefined : this.#timestamps[this.#newest];
  }

  /** What was noted last; NaN before that. */
  get last(): number {
    return this.#values[this.#newest]!;
  }
}
