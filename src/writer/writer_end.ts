/**
 * The end of a writer: what it has accepted is written first, and what could not be
 * written is not lost without a word.
 *
 * @module
 */

import type { StreamError } from "../core/connection/errors.ts";
import type { Logger } from "../core/connection/logger.ts";
import type { ResolvedWriterOptions } from "../core/options/writer_options.ts";
import type { Forgettable } from "../lifecycle/forgotten.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { WriteConnector } from "./write_connector.ts";

export class WriterEnd implements Forgettable {
  readonly #life: Lifecycle;
  readonly #connector: WriteConnector;
  readonly #closeTimeout: number;
  /** Whether the program has a callback for lost connections. */
  readonly #hears: boolean;
  readonly #log: Logger;

  constructor(
    life: Lifecycle,
    connector: WriteConnector,
    { closeTimeout, onDisconnect }: ResolvedWriterOptions,
    log: Logger,
  ) {
    this.#life = life;
    this.#connector = connector;
    this.#closeTimeout = closeTimeout;
    this.#hears = onDisconnect !== undefined;
    this.#log = log;
  }

  /**
   * Writes what is left, at most for `closeTimeout`, and ends the background thread.
   *
   * @returns why the writer did not do all that it had accepted; undefined when it did
   */
  async close(): Promise<StreamError | undefined> {
    const life = this.#life;
    if (life.startTime === undefined || life.over) {
      await life.stop();
      return life.state === "failed" ? life.overError : undefined;
    }
    const due = this.#encoded + this.#connector.queue.length;
    const inTime = await this.#finish();
    // What was sent before the server had accepted anything has reached nobody.
    const reached = this.#connector.connection > 0 ? this.#encoded : 0;
    const error = this.#shortfall(due - reached, inTime);
    if (error) this.#log.warn(`closed before all was written: ${error.message}`);
    await life.stop();
    return error;
  }

  /** False when `closeTimeout` was over first. */
  async #finish(): Promise<boolean> {
    this.#connector.control.requestFinish();
    this.#life.finish();
    const timeout = Promise.withResolvers<false>();
    const timer = setTimeout(() => timeout.resolve(false), this.#closeTimeout);
    const finished = this.#life.finished.then(() => true as const);
    const inTime = await Promise.race([finished, timeout.promise]);
    clearTimeout(timer);
    return inTime;
  }

  /** Why frames were left over, or a file without its end; `lost` counts those frames. */
  #shortfall(lost: number, inTime: boolean): StreamError | undefined {
    const { state, lastError } = this.#life;
    // A live connection that breaks behind the last frame has done its work.
    const unsent = this.#connector.control.get("unsentBytes");
    if (this.#connector.live && lost <= 0 && unsent === 0) return undefined;
    // The end of a connection that was there is told by the callback for it.
    const isTold = this.#hears && this.#connector.live && this.#connector.connection > 0;
    if (state === "failed") return isTold ? undefined : this.#life.overError;
    if (inTime && lost <= 0) return undefined;
    if (lastError && state !== "streaming") return isTold ? undefined : lastError;
    const end = unsent > 0 ? `the last ${unsent} bytes were` : "the end of the file was";
    const what = lost > 0 ? `${lost} of the last frames were` : end;
    const reason = `${what} not written within closeTimeout (${this.#closeTimeout} ms)`;
    return this.#life.error("WRITE_TIMEOUT", reason);
  }

  get #encoded(): number {
    return this.#connector.totals.encoded;
  }

  forget(): void {
    if (this.#life.reportForgotten("close")) void this.#finish().then(() => this.#life.stop());
  }
}
