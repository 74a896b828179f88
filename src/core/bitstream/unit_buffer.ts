/**
 * The bytes of a unit that is not complete yet.
 *
 * @module
 */

const FIRST_CAPACITY = 64 * 1024;

/** Grows, and keeps what it has. */
export class UnitBuffer {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  /** Forgets what was taken. */
  compact(): void {
    if (this.#from === 0) return;
    this.#bytes.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
  }

  append(data: Uint8Array): void {
    const end = this.#to + data.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#to));
      this.#bytes = grown;
    }
    this.#bytes.set(data, this.#to);
    this.#to = end;
  }

  /** All of it; it stays as it is until `compact()` and `append()`. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(this.#from, this.#to);
    this.#from = this.#to;
    return taken;
  }
}
