/**
 * Orders for a background thread that is too busy reading to take messages.
 *
 * @module
 */

const STATE = 0;
const LENGTH = 1;
const HEADER = 8;

/** One text at a time, in memory that both threads have. */
export class Mailbox {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;

  readonly memory: SharedArrayBuffer;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, 2);
    this.#bytes = new Uint8Array(memory, HEADER);
  }

  /**
   * Main thread: puts a text in; false while the last one was not taken.
   *
   * @throws {RangeError} It is too long.
   */
  put(text: string): boolean {
    if (Atomics.load(this.#words, STATE) !== 0) return false;
    const encoded = new TextEncoder().encode(text);
    if (encoded.length > this.#bytes.length) {
      throw new RangeError(`Cannot send ${encoded.length} bytes: ${this.#bytes.length} at most`);
    }
    this.#bytes.set(encoded);
    Atomics.store(this.#words, LENGTH, encoded.length);
    Atomics.store(this.#words, STATE, 1);
    return true;
  }

  /** Background thread: takes it out; undefined when there is none. */
  take(): string | undefined {
    if (Atomics.load(this.#words, STATE) === 0) return undefined;
    // A text decoder does not take shared memory.
    const text = new TextDecoder().decode(this.#bytes.slice(0, Atomics.load(this.#words, LENGTH)));
    Atomics.store(this.#words, STATE, 0);
    return text;
  }
}
