/**
 * When the packets arrived that frames are made of.
 *
 * @module
 */

/**
 * Remembers the arrival of the last packets by their presentation time,
 * because a decoder may give frames out later, and in another order.
 */
export class ArrivalTimes {
  readonly #timestamps: BigInt64Array;
  readonly #times: Float64Array;
  #next = 0;
  #last = NaN;

  constructor(size = 64) {
    this.#timestamps = new BigInt64Array(size);
    this.#times = new Float64Array(size).fill(NaN);
  }

  note(timestamp: bigint, time: number): void {
    this.#timestamps[this.#next] = timestamp;
    this.#times[this.#next] = time;
    this.#next = (this.#next + 1) % this.#times.length;
    this.#last = time;
  }

  /** The arrival of the packet with that time; else of the last packet. */
  of(timestamp: bigint): number {
    for (let i = 1; i <= this.#times.length; i++) {
      const at = (this.#next - i + this.#times.length) % this.#times.length;
      if (this.#timestamps[at] === timestamp && !Number.isNaN(this.#times[at])) {
        return this.#times[at];
      }
    }
    return this.#last;
  }
}
