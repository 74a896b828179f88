/**
 * What reading and writing have in common: attempts are made in a background
 * thread, and a thread that had to be left behind is replaced by another one.
 *
 * @module
 */

import { StreamError, type StreamErrorFields } from "../core/connection/errors.ts";
import type { Logger } from "../core/connection/logger.ts";
import type { AttemptEnd } from "../core/connection/reconnect_loop.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import { ControlBlock } from "../core/shared/control_block.ts";
import type { Counter } from "../core/shared/counters.ts";
import { sharedByteLength } from "../core/shared/slot_table.ts";
import type { AttemptEvents, Connector } from "./connector.ts";

/** What a connector needs of its thread. */
export interface ConnectorThread {
  /** Why the thread does not answer any more. */
  readonly failure: StreamErrorFields | undefined;
  /** Whether it is gone by itself: then it was not left behind. */
  readonly died?: boolean | undefined;
  /** Ends it; false when it did not end in time and was left behind. */
  close(): Promise<boolean>;
}

/** How an attempt ended; no error: by itself. See `AttemptEnd`. */
export interface AttemptOutcome {
  readonly error?: StreamErrorFields | undefined;
  readonly stopped: boolean;
  readonly connected: boolean;
  readonly resetsBackoff?: boolean | undefined;
}

export interface ThreadConnectorOptions<Total extends Counter> {
  readonly media: MediaUrl;
  readonly log: Logger;
  /** How many slots the thread shares with the program. */
  readonly slots: number;
  readonly closeTimeout: number;
  /** Those that go on when the thread is replaced. */
  readonly totals: readonly Total[];
}

/** Has one thread at a time. When another attempt is made is not decided here. */
export abstract class ThreadConnector<
  T extends ConnectorThread,
  C extends Counter,
  Total extends C,
> implements Connector {
  readonly #options: ThreadConnectorOptions<Total>;
  /** Of the threads that were left behind. */
  readonly #past: Record<Total, number>;
  #control: ControlBlock<C>;
  #thread: T | undefined;
  #connection = 0;
  #closing: Promise<void> | undefined;

  constructor(options: ThreadConnectorOptions<Total>) {
    this.#options = options;
    const zeros = options.totals.map((name) => [name, 0]);
    this.#past = Object.fromEntries(zeros) as Record<Total, number>;
    this.#control = this.#makeControl();
  }

  abstract readonly live: boolean;

  abstract release(): void;

  protected abstract startThread(control: ControlBlock<C>): T;

  /** Takes what the program wants over from a thread that was left behind. */
  protected abstract moveTo(control: ControlBlock<C>, old: ControlBlock<C>): void;

  protected abstract run(thread: T, events: AttemptEvents): Promise<AttemptOutcome>;

  /** Has `startThread` make another thread, when this one has ended. */
  protected async replaceThread(): Promise<T> {
    const old = this.#thread;
    if (await old?.close() === false) this.#warnLeftBehind();
    if (this.#closing) return old!;
    this.#takeOver();
    return this.#thread = this.startThread(this.#control);
  }

  /** The thread is gone, and no other one comes. */
  protected onClosed(): void {}

  protected get media(): MediaUrl {
    return this.#options.media;
  }

  /** The thread that there is; undefined before the first attempt and after `close()`. */
  protected get thread(): T | undefined {
    return this.#closing ? undefined : this.#thread;
  }

  /** The shared words of the current thread; they change when one had to be left behind. */
  get control(): ControlBlock<C> {
    return this.#control;
  }

  get connection(): number {
    return this.#connection;
  }

  protected beginConnection(): void {
    this.#connection++;
  }

  /** Counts over the whole life. */
  get totals(): Readonly<Record<Total, number>> {
    const totals = { ...this.#past };
    for (const name of this.#options.totals) totals[name] += this.#control.get(name);
    return totals;
  }

  async attempt(number: number, events: AttemptEvents): Promise<AttemptEnd> {
    if (this.#closing) return { type: "done" };
    const { error, stopped, ...end } = await this.run(this.#usableThread(), events);
    if (stopped || error === undefined) return { type: "done" };
    return { type: "failed", error: new StreamError({ ...error, attempt: number }), ...end };
  }

  wake(): void {
    this.#control.wake.signal();
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#control.requestStop();
    this.wake();
    if (await this.#thread?.close() === false) this.#warnLeftBehind();
    if (this.#thread) await this.#control.wake.flush();
    this.onClosed();
  }

  #usableThread(): T {
    if (this.#thread && !this.#thread.failure) return this.#thread;
    if (this.#thread) this.#leaveBehind();
    return this.#thread = this.startThread(this.#control);
  }

  #leaveBehind(): void {
    if (!this.#thread?.died) this.#warnLeftBehind();
    this.#takeOver();
  }

  /** Other words for another thread. */
  #takeOver(): void {
    Object.assign(this.#past, this.totals);
    const old = this.#control;
    this.#control = this.#makeControl();
    this.moveTo(this.#control, old);
    // Those who wait go on to wait on the new words.
    old.wake.signal();
  }

  #makeControl(): ControlBlock<C> {
    return new ControlBlock(new SharedArrayBuffer(sharedByteLength(this.#options.slots)));
  }

  #warnLeftBehind(): void {
    this.#options.log.warn(
      `${this.media.redacted}: the background thread did not end within ` +
        `${this.#options.closeTimeout} ms and was left behind`,
    );
  }
}
