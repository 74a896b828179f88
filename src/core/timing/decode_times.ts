/**
 * Decoding times for containers, for a stream that has only presentation times
 * (RTP, RFC 3550).
 *
 * @module
 */

/** H.264 and HEVC keep at most 16 pictures back. */
const MAX_DEPTH = 16;

/** Of one connection, whose packets come in the order of decoding. */
export class DecodeTimes {
  /** The latest times so far, of pictures that may be shown after one that follows. */
  #latest: bigint[] = [];
  #depth = 0;
  #last: bigint | undefined;
  /** Times that were not given out as decoding times yet, sorted. */
  #waiting: bigint[] = [];
  readonly #step: bigint;

  /** @param step the time of one picture, in the stream's time base; a guess will do */
  constructor(step: bigint) {
    this.#step = step > 0n ? step : 1n;
  }

  /** How many pictures may be decoded before one that is shown before them. */
  get depth(): number {
    return this.#depth;
  }

  /** Looks at a packet beforehand, so that `next` knows the depth from the beginning. */
  learn(pts: bigint): void {
    // Further back than any order of pictures: the stream's times start again.
    if (this.#latest.length > MAX_DEPTH && pts < this.#latest[0]!) this.#restart();
    const later = this.#latest.filter((time) => time > pts).length;
    this.#depth = Math.max(this.#depth, Math.min(later, MAX_DEPTH));
    this.#latest = [...this.#latest, pts].sort(ascending).slice(-MAX_DEPTH - 1);
  }

  #restart(): void {
    this.#latest = [];
    this.#waiting = [];
    this.#last = undefined;
  }

  /** The decoding time of the packet with that time: not after it, and after the last one. */
  next(pts: bigint): bigint {
    while (this.#waiting.length < this.#depth) {
      const first = this.#waiting[0] ?? pts;
      this.#waiting.unshift(first - this.#step);
    }
    this.#waiting = [...this.#waiting, pts].sort(ascending);
    let dts = this.#waiting.shift() as bigint;
    if (this.#last !== undefined && dts <= this.#last) dts = this.#last + 1n;
    return this.#last = dts;
  }
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
