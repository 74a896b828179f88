/**
 * Event counts: a task remembers the count, looks at what it waits for, and then
 * waits only if nothing was signalled since. So no signal is ever missed.
 *
 * @module
 */

/** Counts events, and wakes the tasks that wait for the next one. */
export interface EventCount {
  /** How many events were signalled so far. */
  readonly count: number;
  /** One more event: all waits end. */
  signal(): void;
  /** Resolves when `count` is not `seen` any more, or after so many milliseconds; rarely earlier. */
  wait(seen: number, milliseconds?: number): Promise<void>;
}

/** More than a wake takes. */
const FLUSH_MS = 1_000;

/** An event count in one word of memory that two threads share. */
export class SharedEventCount implements EventCount {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #index: number;

  constructor(words: Int32Array<SharedArrayBuffer>, index: number) {
    this.#words = words;
    this.#index = index;
  }

  get count(): number {
    return Atomics.load(this.#words, this.#index);
  }

  signal(): void {
    Atomics.add(this.#words, this.#index, 1);
    Atomics.notify(this.#words, this.#index);
  }

  async wait(seen: number, milliseconds = Infinity): Promise<void> {
    await Atomics.waitAsync(this.#words, this.#index, seen, milliseconds).value;
  }

  /**
   * Ends all waits, and resolves when they have ended. The program is kept running until then:
   * with nothing else to do, Deno would end it although somebody waits.
   */
  async flush(): Promise<void> {
    const alive = setTimeout(() => {}, FLUSH_MS);
    const last = this.wait(this.count);
    this.signal();
    await last;
    clearTimeout(alive);
  }

  /** As `wait()`, but blocks the thread: for background threads only. */
  block(seen: number, milliseconds: number): void {
    Atomics.wait(this.#words, this.#index, seen, milliseconds);
  }
}
