/**
 * Passes events on to everyone who listens.
 *
 * @module
 */

/** A listener that never takes its events loses the oldest beyond this many. */
const MAX_PENDING = 1_000;

interface Waiting {
  readonly resolve: () => void;
  /** Whose events they are: while somebody waits for one it is in use. */
  readonly owner: object | undefined;
}

class Subscriber<T> {
  readonly events: T[] = [];
  readonly #waiting: Waiting[] = [];

  wait(owner: object | undefined): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ resolve, owner }));
  }

  wake(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }
}

/** Every iteration gets all events from its beginning on; all end with `close()`. */
export class StatusFeed<T> {
  readonly #subscribers = new Set<Subscriber<T>>();
  #closed = false;

  emit(event: T): void {
    for (const subscriber of this.#subscribers) {
      subscriber.events.push(event);
      if (subscriber.events.length > MAX_PENDING) subscriber.events.shift();
      subscriber.wake();
    }
  }

  close(): void {
    this.#closed = true;
    for (const subscriber of this.#subscribers) subscriber.wake();
  }

  /**
   * Listens from the call on, not from the first turn of the loop.
   *
   * @param owner is not forgotten as long as somebody has the iterator, or waits for an event
   */
  subscribe(owner?: object): AsyncIterableIterator<T> {
    const subscriber = new Subscriber<T>();
    if (!this.#closed) this.#subscribers.add(subscriber);
    const finish = (): IteratorResult<T> => {
      this.#subscribers.delete(subscriber);
      return { done: true, value: undefined };
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async (): Promise<IteratorResult<T>> => {
        for (;;) {
          const event = subscriber.events.shift();
          if (event !== undefined) return { done: false, value: event };
          if (this.#closed || !this.#subscribers.has(subscriber)) return finish();
          await subscriber.wait(owner);
        }
      },
      return: () => {
        subscriber.events.length = 0;
        const result = finish();
        subscriber.wake();
        return Promise.resolve(result);
      },
    };
  }
}
