/**
 * Measurements that come in one number at a time.
 *
 * @module
 */

/** The last `size` values, for percentiles. */
export class SampleWindow {
  readonly #values: Float64Array;
  #count = 0;

  constructor(size = 512) {
    this.#values = new Float64Array(size);
  }

  add(value: number): void {
    this.#values[this.#count++ % this.#values.length] = value;
  }

  /** The values at these shares (0 … 1) of the sorted window; NaN while it is empty. */
  percentiles<const S extends readonly number[]>(shares: S): { -readonly [I in keyof S]: number } {
    const sorted = this.#values.slice(0, Math.min(this.#count, this.#values.length)).sort();
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
    return shares.map(at) as { -readonly [I in keyof S]: number };
  }
}

/** A distance that is so many times the usual one, and stands alone, is a jump or a pause. */
const JUMP = 100;
/** So many distances are needed to know what is usual. */
const ENOUGH = 3;

/**
 * The usual distance of events in time: at first the mean, then an average that follows slow
 * changes.
 */
export class IntervalMeter {
  readonly #weight: number;
  #last: number | undefined;
  #interval = NaN;
  #count = 0;
  #jumped = false;

  constructor(weight = 1 / 16) {
    this.#weight = weight;
  }

  /** Notes an event; returns the average distance, NaN before the second one. */
  tick(time: number): number {
    if (this.#last !== undefined) this.#add(time - this.#last);
    this.#last = time;
    return this.#interval;
  }

  #add(interval: number): void {
    const known = this.#count >= ENOUGH && this.#interval > 0;
    this.#jumped = known && !this.#jumped && interval > this.#interval * JUMP;
    if (this.#jumped) return;
    // The first one alone may be one of a burst, and would count for long.
    const weight = Math.max(this.#weight, 1 / ++this.#count);
    const before = this.#count === 1 ? interval : this.#interval;
    this.#interval = before + (interval - before) * weight;
  }
}

/** Bits per second, by what was counted in the last second or so. */
export class BitrateMeter {
  readonly #window: number;
  #bytes = 0;
  #since: number | undefined;
  #rate = NaN;

  constructor(window = 1_000) {
    this.#window = window;
  }

  /** Notes bytes at a time in milliseconds; returns the rate, NaN before the first window is over. */
  tick(time: number, bytes: number): number {
    this.#since ??= time;
    const elapsed = time - this.#since;
    if (elapsed >= this.#window) {
      this.#rate = this.#bytes * 8_000 / elapsed;
      this.#bytes = 0;
      this.#since = time;
    }
    this.#bytes += bytes;
    return this.#rate;
  }
}

/** Frame rates outside of this are wrong declarations (90000, 0/0), not cameras. */
const MAX_SANE_RATE = 300;

/** A declared frame rate, if a camera can have it. */
export function saneRate(rate: number): number | undefined {
  return Number.isFinite(rate) && rate > 0 && rate <= MAX_SANE_RATE ? rate : undefined;
}
