/**
 * What was given to the system to send, and is on its way: since when.
 *
 * @module
 */

/** Bytes of one connection, counted from its beginning. */
interface Mark {
  /** The number of the last byte. */
  readonly end: number;
  /** When it was written, in epoch milliseconds. */
  readonly time: number;
}

/** Knows the age of the oldest byte that the other side has not acknowledged. */
export class SendQueue {
  /** The writes that are not acknowledged to their ends, the oldest first. */
  #marks: Mark[] = [];
  #acknowledged = 0;
  #progress: number;

  constructor(time: number) {
    this.#progress = time;
  }

  /** `end` bytes have been written in all. */
  written(end: number, time: number): void {
    // While nothing waits there can be no progress.
    if (this.#marks.length === 0) this.#progress = time;
    if (end > (this.#marks.at(-1)?.end ?? this.#acknowledged)) this.#marks.push({ end, time });
  }

  /** So many bytes have been acknowledged in all. */
  acknowledged(bytes: number, time: number): void {
    if (bytes <= this.#acknowledged) return;
    this.#acknowledged = bytes;
    this.#progress = time;
    const open = this.#marks.findIndex(({ end }) => end > bytes);
    this.#marks = open < 0 ? [] : this.#marks.slice(open);
  }

  /** When the oldest byte that is on its way was written; undefined when none is. */
  get since(): number | undefined {
    return this.#marks[0]?.time;
  }

  /** Since when bytes wait and none was acknowledged; undefined when none waits. */
  get stuckSince(): number | undefined {
    return this.#marks.length === 0 ? undefined : this.#progress;
  }
}
