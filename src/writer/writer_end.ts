/**
 * The end of a writer: what it has accepted is written first.
 *
 * @module
 */

import type { Forgettable } from "../lifecycle/forgotten.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { WriteConnector } from "./write_connector.ts";

export class WriterEnd implements Forgettable {
  readonly #life: Lifecycle;
  readonly #connector: WriteConnector;
  readonly #closeTimeout: number;

  constructor(life: Lifecycle, connector: WriteConnector, closeTimeout: number) {
    this.#life = life;
    this.#connector = connector;
    this.#closeTimeout = closeTimeout;
  }

  /** Waits until all is written, at most for `closeTimeout`; false when nothing was running. */
  async finish(): Promise<boolean> {
    if (this.#life.startTime === undefined || this.#life.over) return false;
    this.#connector.control.requestFinish();
    this.#life.finish();
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, this.#closeTimeout);
    await Promise.race([this.#life.finished, timeout.promise]);
    clearTimeout(timer);
    return true;
  }

  forget(): void {
    if (this.#life.reportForgotten("close")) void this.finish().then(() => this.#life.stop());
  }
}
