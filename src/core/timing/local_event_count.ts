/**
 * An event count of one thread: several tasks wait, and any of several events wakes them.
 *
 * @module
 */

import type { EventCount } from "../shared/event_count.ts";
import { MAX_TIME } from "./clock.ts";

/** Every waiting task is woken by the next signal, or when its time is over. */
export class LocalEventCount implements EventCount {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  get count(): number {
    return this.#count;
  }

  signal(): void {
    this.#count++;
    for (const resolve of this.#waiting) resolve();
  }

  wait(seen: number, milliseconds = Infinity): Promise<void> {
    if (this.#count !== seen) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = Number.isFinite(milliseconds)
        ? setTimeout(done, Math.min(Math.max(0, milliseconds), MAX_TIME))
        : undefined;
      this.#waiting.add(done);
    });
  }
}
