/**
 * The file that a background thread writes. When the process ends, the main thread may take
 * it over and complete it: the background thread may be in a call that nothing interrupts,
 * such as the encoding of a large picture, for longer than the process can wait.
 *
 * @module
 */

/** Who has the file; `used`: the background thread is in a call that changes it. */
const State = { none: 0, free: 1, used: 2, taken: 3 } as const;

/** A C function that completes the file, of one pointer, and that pointer: native addresses. */
export interface Completion {
  readonly call: bigint;
  readonly argument: bigint;
}

/** Where it stands in memory that both threads have. */
export interface OpenFileWords {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Of the state. */
  readonly state: number;
  /** Of the completion: four words, the first of which has an even number. */
  readonly completion: number;
}

/** One file after the other, of one background thread. */
export class OpenFile {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #state: number;
  readonly #completion: BigUint64Array<SharedArrayBuffer>;

  constructor({ words, state, completion }: OpenFileWords) {
    this.#words = words;
    this.#state = state;
    const at = words.byteOffset + completion * words.BYTES_PER_ELEMENT;
    this.#completion = new BigUint64Array(words.buffer, at, 2);
  }

  /** For the background thread: from now on there is something to complete. */
  begin({ call, argument }: Completion): void {
    this.#completion.set([call, argument]);
    Atomics.store(this.#words, this.#state, State.free);
  }

  /**
   * For the background thread: does something with the file, unless it was taken over.
   *
   * @returns false when it was taken over, and nothing was done
   */
  use(work: () => void): boolean {
    if (!this.#change(State.free, State.used)) return false;
    try {
      work();
    } finally {
      this.#leave(State.free);
    }
    return true;
  }

  /** As `use`, for the last time: the file is complete then, or given up. */
  end(work: () => void): boolean {
    if (!this.#change(State.free, State.used)) return false;
    try {
      work();
    } finally {
      this.#leave(State.none);
    }
    return true;
  }

  /** Whether there is a file that is not complete. */
  get isOpen(): boolean {
    return Atomics.load(this.#words, this.#state) !== State.none;
  }

  /** Whether the main thread has taken it over. */
  get isTaken(): boolean {
    return Atomics.load(this.#words, this.#state) === State.taken;
  }

  /**
   * For the main thread: takes the file over for good. Waits for the call that the background
   * thread is in, if it changes the file.
   *
   * @param patience milliseconds that one such call may take
   * @returns undefined when there is none, or the call took longer
   */
  take(patience: number): Completion | undefined {
    while (!this.#change(State.free, State.taken)) {
      const state = Atomics.load(this.#words, this.#state);
      if (state === State.none || state === State.taken) return undefined;
      const wait = Atomics.wait(this.#words, this.#state, State.used, Math.max(0, patience));
      if (wait === "timed-out") return undefined;
    }
    const [call = 0n, argument = 0n] = this.#completion;
    return { call, argument };
  }

  #change(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, this.#state, from, to) === from;
  }

  #leave(state: number): void {
    Atomics.store(this.#words, this.#state, state);
    Atomics.notify(this.#words, this.#state);
  }
}
