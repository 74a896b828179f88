/**
 * The callers that wait for a place in a writer's queue, in order.
 *
 * @module
 */

/** The queue, as the line sees it. */
export interface Places {
  /** Places that are free now. */
  readonly free: number;
  /** Resolves when `done`; rejects when the writer is over. */
  until(done: () => boolean): Promise<void>;
  /** Has all waits look again. */
  signal(): void;
}

/** Gives each free place to one of those who wait, the first one first. */
export class PlaceLine {
  readonly #places: Places;
  #last: Promise<void> = Promise.resolve();
  /** Given away, and not written to yet; the oldest first. */
  readonly #promised = new Set<symbol>();

  constructor(places: Places) {
    this.#places = places;
  }

  /** Resolves when there is a place for the caller. */
  wait(): Promise<void> {
    const place = this.#last.then(async () => {
      await this.#places.until(() => this.#places.free > this.#promised.size);
      this.#promise();
    });
    // An error is that of the caller; the next one gets its own.
    this.#last = place.catch(() => {});
    return place;
  }

  /** A frame has taken a place. */
  written(): void {
    for (const promise of this.#promised) {
      this.#promised.delete(promise);
      return;
    }
  }

  /** Kept until the caller has had its turn: it may not want to write any more. */
  #promise(): void {
    const promise = Symbol();
    this.#promised.add(promise);
    setTimeout(() => {
      if (this.#promised.delete(promise)) this.#places.signal();
    }, 0);
  }
}
