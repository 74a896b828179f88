/**
 * Whether the isolate that owns a background thread still exists. It may go without a
 * word: a `Worker` of the program's is terminated, `deno run --watch` begins anew.
 *
 * The owner waits for a word in several waits at once, and answers each that ends. The
 * thread ends one now and then, and is told how many it has ended: none at all, although
 * some must be there, means that there is no owner. An owner that is busy answers late,
 * and is not taken for one that is gone.
 *
 * @module
 */

/** Questions without an answer by which an owner is busy: for about two seconds. */
const BUSY = 3;
/** How many waits there are. */
const WAITS = 16;
/** Milliseconds from one question to the next; twice as long with each that is not answered. */
const INTERVAL_MS = 250;

/** The two words of the presence, in memory that both have. */
export interface PresenceWords {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** What is waited for: 0 as long as there is an owner who cares. */
  readonly wait: number;
  /** Counts the answers. */
  readonly answers: number;
}

/** The owner's side; it costs nothing while nobody asks. */
export class Presence {
  readonly #words: PresenceWords;
  #over = false;

  constructor(words: PresenceWords) {
    this.#words = words;
    for (let i = 0; i < WAITS; i++) void this.#answer();
  }

  async #answer(): Promise<void> {
    const { words, answers } = this.#words;
    for (let waiting = this.#wait();;) {
      await waiting;
      if (this.#over) return;
      // First of all: who is answered must find as many waits as before.
      waiting = this.#wait();
      Atomics.add(words, answers, 1);
    }
  }

  async #wait(): Promise<void> {
    const { words, wait } = this.#words;
    await Atomics.waitAsync(words, wait, 0).value;
  }

  /** The owner is there, but asks nothing of the thread any more. */
  end(): void {
    this.#over = true;
    Atomics.store(this.#words.words, this.#words.wait, 1);
    Atomics.notify(this.#words.words, this.#words.wait);
  }
}

/** The thread's side. */
export class OwnerWatch {
  readonly #words: PresenceWords;
  #asked = 0;
  #next = 0;
  #gone = false;

  constructor(words: PresenceWords) {
    this.#words = words;
  }

  /** Whether the owner has not answered for seconds, as far as it was asked. */
  get isBusy(): boolean {
    return this.#open >= BUSY;
  }

  get #open(): number {
    return (this.#asked - Atomics.load(this.#words.words, this.#words.answers)) | 0;
  }

  /**
   * Whether there is no owner any more. To be asked again and again.
   *
   * @param time milliseconds of any clock
   */
  isGone(time: number): boolean {
    if (this.#gone || time < this.#next) return this.#gone;
    const { words, wait } = this.#words;
    // Before the question: an answer that comes meanwhile must not be counted.
    const open = this.#open;
    this.#next = time + INTERVAL_MS * 2 ** open;
    if (Atomics.notify(words, wait, 1) > 0) this.#asked++;
    // After the question: the owner may have put an end to it meanwhile.
    else this.#gone = open < WAITS && Atomics.load(words, wait) === 0;
    return this.#gone;
  }
}
