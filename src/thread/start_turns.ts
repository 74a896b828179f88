/**
 * Which background threads begin now. Each takes some hundredths of a second of processor time
 * to load its modules and libav: all at once, two hundred take so long that each one's deadline
 * passes, and the main thread, which waits for each in Deno, does nothing else meanwhile.
 *
 * @module
 */

/** Turns to begin, in the order in which they are asked for. */
export class StartTurns {
  readonly #atOnce: number;
  readonly #taken = new Set<() => void>();
  readonly #waiting = new Set<() => void>();

  /** @param atOnce how many turns there are at the same time */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /**
   * Calls `begin` when there is a turn, perhaps at once.
   *
   * @returns what gives the turn back, or gives up waiting for one; it may be called again
   */
  take(begin: () => void): () => void {
    // A function that is given twice is two turns.
    const turn = () => begin();
    if (this.#taken.size < this.#atOnce) this.#begin(turn);
    else this.#waiting.add(turn);
    return () => this.#leave(turn);
  }

  #begin(turn: () => void): void {
    this.#taken.add(turn);
    turn();
  }

  #leave(turn: () => void): void {
    if (this.#waiting.delete(turn) || !this.#taken.delete(turn)) return;
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next);
    this.#begin(next);
  }
}

/** Those of all threads: as many as can work at the same time. */
export const startTurns = new StartTurns(
  Math.max(2, globalThis.navigator?.hardwareConcurrency ?? 0),
);
