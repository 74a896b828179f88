/**
 * A wait that can be ended.
 *
 * @module
 */

/** One at a time. */
export class Pause {
  /** Ends the one that there is. */
  end: () => void = () => {};

  /** Resolves after so many milliseconds, or at `end()`. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
