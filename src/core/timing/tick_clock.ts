/**
 * Times as encoders and containers count them.
 *
 * @module
 */

import type { Rational } from "./rational.ts";

/** Parts of a second in which the times of a live stream are expressed, as in RTP and MPEG-TS. */
const FINE_TIME = 90_000;
/** Seconds by which a picture may be decoded before it is shown. */
const MAX_REORDERING = 60;

/** Ticks a second that are fine enough for pictures that come at any time. */
export const FINE_TICKS: Rational = { num: FINE_TIME, den: 1 };

/** Turns seconds into whole ticks. Of one output. */
export class TickClock {
  /** Ticks a second. */
  readonly rate: Rational;
  readonly #maxReordering: bigint;
  #last = -1n;
  #lastDecode: bigint | undefined;

  constructor(rate: Rational) {
    this.rate = rate;
    this.#maxReordering = BigInt(Math.ceil(MAX_REORDERING * rate.num / rate.den));
  }

  /** The next picture's time, later than the last one: rounding must not make two of them equal. */
  next(seconds: number): bigint {
    const tick = BigInt(Math.round(seconds * this.rate.num / this.rate.den));
    return this.#last = tick > this.#last ? tick : this.#last + 1n;
  }

  /**
   * The decoding time of the next packet, put right where an encoder's cannot be:
   * libx265 gives the only pictures of a short film a time that it never set.
   */
  decodeTime(pts: bigint, dts: bigint): bigint {
    if (dts <= pts && dts >= pts - this.#maxReordering) return this.#lastDecode = dts;
    const next = this.#lastDecode === undefined ? pts : this.#lastDecode + 1n;
    return this.#lastDecode = next < pts ? next : pts;
  }
}
