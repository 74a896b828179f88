/**
 * The bytes of the access unit under way.
 *
 * @module
 */

import { MOST_UNIT_BYTES } from "./access_unit.ts";

const FIRST_CAPACITY = 16 * 1024;

/** Grows with what really came, and keeps what it has for the next unit. */
export class UnitBytes {
  readonly #allocate: (length: number) => Uint8Array<ArrayBuffer>;
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(allocate: (length: number) => Uint8Array<ArrayBuffer>) {
    this.#allocate = allocate;
    this.#bytes = allocate(FIRST_CAPACITY);
  }

  get length(): number {
    return this.#length;
  }

  /** All of it; valid until something is added. */
  get view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Adds `data[from]` to `data[to - 1]`; false where the unit would be too large. */
  append(data: Uint8Array, from: number, to: number): boolean {
    if (!this.#reserve(to - from)) return false;
    // A view costs more than a few bytes one by one.
    if (to - from <= 8) {
      for (let at = from; at < to; at++) {
        this.#bytes[this.#length++] = data[at]!;
      }
    } else {
      this.#bytes.set(data.subarray(from, to), this.#length);
      this.#length += to - from;
    }
    return true;
  }

  #reserve(count: number): boolean {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return true;
    if (needed > MOST_UNIT_BYTES) return false;
    const grown = this.#allocate(
      Math.min(MOST_UNIT_BYTES, Math.max(needed, 2 * this.#bytes.length)),
    );
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    return true;
  }
}
