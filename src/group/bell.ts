/**
 * Waiting for news from many sides, within one thread.
 *
 * @module
 */

import { MAX_TIME } from "../core/options/validate.ts";

/** Whoever waits is woken by the next ring, or when the time is over. */
export class Bell {
  /** How often it was rung. */
  count = 0;
  readonly #waiting = new Set<() => void>();

  ring(): void {
    this.count++;
    for (const resolve of this.#waiting) resolve();
  }

  /** Resolves when it was rung since `count` was `seen`, or after so many milliseconds. */
  wait(seen: number, milliseconds: number): Promise<void> {
    if (this.count !== seen) return Promise.resolve();
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
