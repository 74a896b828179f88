/**
 * The life of a stream: the loop around its attempts, its state, and reports
 * of both.
 *
 * @module
 */

import {
  StreamError,
  type StreamErrorCode,
  type StreamOperation,
} from "../core/connection/errors.ts";
import { describeLibraries, type Libraries } from "../core/connection/libraries.ts";
import type { Logger } from "../core/connection/logger.ts";
import {
  type AttemptEnd,
  reconnectLoop,
  type ReconnectPolicy,
} from "../core/connection/reconnect_loop.ts";
import type { StreamState, StreamStatus } from "../core/connection/states.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { TlsOptions } from "../core/options/tls_options.ts";
import { now } from "../core/timing/clock.ts";
import type { AttemptEvents, Connector } from "./connector.ts";
import { deliveryReports, type Event } from "./delivery_reports.ts";
import type { Forgettable } from "./forgotten.ts";
import { Pause } from "./pause.ts";
import { callProgram } from "./program_callback.ts";
import { StatusFeed } from "./status_feed.ts";
import { tlsWarning } from "./tls_notes.ts";

export interface LifecycleOptions {
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly reconnect: ReconnectPolicy;
  readonly tls?: TlsOptions | undefined;
  readonly onConnect?: (() => unknown) | undefined;
  readonly onDisconnect?: ((error: StreamError) => unknown) | undefined;
  readonly onReconnectFailure?: ((error: StreamError) => unknown) | undefined;
}

/** Runs from `start()` until the stream is stopped, ends or fails. */
export class Lifecycle implements Forgettable {
  readonly feed = new StatusFeed<StreamStatus>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<void>();
  readonly #connector: Connector;
  readonly #media: MediaUrl;
  readonly #options: LifecycleOptions;
  readonly #log: Logger;
  readonly #name: string;
  readonly #operation: StreamOperation;
  readonly #events: AttemptEvents;
  #state: StreamState = "idle";
  #lastError: StreamError | undefined;
  /** Of an attempt, while it is open whether another one follows. */
  #unlogged: StreamError | undefined;
  #reconnectCount = 0;
  #stalls = 0;
  #startTime: number | undefined;
  #libraries: Libraries | undefined;
  #tlsWarning: string | undefined;
  #stopping: Promise<void> | undefined;
  #finishing = false;
  #givenUp = false;
  /** Between two attempts. */
  readonly #pause = new Pause();

  constructor(
    connector: Connector,
    media: MediaUrl,
    options: LifecycleOptions,
    log: Logger,
    operation: StreamOperation,
  ) {
    this.#connector = connector;
    this.#media = media;
    this.#options = options;
    this.#log = log;
    this.#name = options.name ?? media.redacted;
    this.#operation = operation;
    this.#events = {
      onLoaded: (libraries) => this.#loaded(libraries),
      onConnected: (codec, width, height) => this.#connected(codec, width, height),
      ...deliveryReports(this.#name, log, (event) => this.#emit(event)),
    };
    // A program that does not look at `ready` learns of the error elsewhere.
    this.#ready.promise.catch(() => {});
  }

  get state(): StreamState {
    return this.#state;
  }

  get lastError(): StreamError | undefined {
    return this.#lastError;
  }

  get reconnectCount(): number {
    return this.#reconnectCount;
  }

  get stalls(): number {
    return this.#stalls;
  }

  get startTime(): number | undefined {
    return this.#startTime;
  }

  /** What attempts are made with; undefined before the first one. */
  get libraries(): Libraries | undefined {
    return this.#libraries;
  }

  /** Settles with the first connection, or when none will come. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when no more attempts will be made. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Whether `stop()` was called. */
  get stopped(): boolean {
    return this.#stopping !== undefined;
  }

  /** Whether no more frames will come than there are. */
  get over(): boolean {
    return this.#state === "failed" || this.#state === "stopped";
  }

  /** The error for somebody who waits for a frame that will not come. */
  get overError(): StreamError {
    if (this.#state === "failed" && this.#lastError) return this.#lastError;
    return this.stopped ? this.error("CLOSED", "it was stopped") : this.error("END_OF_STREAM");
  }

  /** Whether the program follows it by callbacks, and so uses it without holding it. */
  get hasCallbacks(): boolean {
    const { onConnect, onDisconnect, onReconnectFailure } = this.#options;
    return Boolean(onConnect ?? onDisconnect ?? onReconnectFailure);
  }

  error(code: StreamErrorCode, reason?: string, cause?: StreamError): StreamError {
    const operation = this.#operation;
    return new StreamError({ code, operation, url: this.#media.redacted, reason, cause });
  }

  forget(): void {
    if (this.reportForgotten("stop")) void this.stop();
  }

  /** False when there is nothing to end. */
  reportForgotten(method: "stop" | "close"): boolean {
    if (this.#startTime === undefined || this.over) return false;
    this.#log.warn(`${this.#name}: it was dropped without ${method}(), which is done now`);
    return true;
  }

  start(): void {
    if (this.#startTime !== undefined || this.stopped) return;
    this.#startTime = now();
    const { signal } = this.#options;
    if (signal?.aborted) {
      void this.stop();
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#become("connecting");
    this.#run().catch((error: unknown) => {
      if (this.stopped) return;
      this.#fail(
        new StreamError({
          code: "WORKER_DIED",
          operation: "start",
          url: this.#media.redacted,
          reason: error instanceof Error ? error.message : String(error),
          cause: error,
        }),
      );
    });
  }

  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  readonly #onAbort = (): void => void this.stop();

  async #stop(): Promise<void> {
    const reported = this.over;
    const reason = "it was stopped before the first frame";
    this.#over("stopped", this.error("ABORTED", reason, this.#lastError));
    this.#connector.release();
    await this.#connector.close();
    this.#finished.resolve();
    if (reported) return;
    this.#log.info(`${this.#name}: stopped`);
    this.#emitLast({ type: "stopped", reason: "stop" });
  }

  async #run(): Promise<void> {
    const error = await reconnectLoop(
      { ...this.#options.reconnect, retry: (error) => this.#mayRetry(error) },
      {
        attempt: (attempt) => this.#attempt(attempt),
        sleep: (milliseconds) => this.#pause.wait(milliseconds),
        onRetry: ({ attempt, delay, error }) => {
          this.#become("reconnecting");
          this.#warnOfLoss();
          this.#log.info(`${this.#name}: next attempt in ${Math.round(delay)} ms`);
          this.#emit({ type: "reconnecting", attempt, delay, error });
        },
        cancelled: () => this.stopped || this.#givenUp,
        random: Math.random,
      },
    );
    if (!error) this.#warnOfLoss();
    if (this.stopped) return;
    if (error) this.#fail(error);
    else this.#end();
    await this.#connector.close();
    this.#finished.resolve();
  }

  /** The running attempt is the last; one that only waits to be made is not made any more. */
  finish(): void {
    this.#finishing = true;
    if (this.#state !== "reconnecting") return;
    this.#givenUp = true;
    this.#pause.end();
  }

  async #attempt(attempt: number): Promise<AttemptEnd> {
    if (attempt > 1) this.#reconnectCount++;
    this.#log.debug(`${this.#name}: attempt ${attempt}`);
    this.#emit({ type: "connecting", attempt });
    const end = await this.#connector.attempt(attempt, this.#events);
    if (end.type === "failed" && !this.stopped) this.#lost(end.error, end.connected);
    return end;
  }

  #loaded(libraries: Libraries): void {
    if (!this.#libraries) this.#log.info(`${this.#name}: ${describeLibraries(libraries)}`);
    this.#libraries = libraries;
    const warning = tlsWarning(this.#media, this.#options.tls ?? {}, libraries);
    if (warning !== undefined && warning !== this.#tlsWarning) {
      this.#log.warn(`${this.#name}: ${warning}`);
    }
    this.#tlsWarning = warning;
  }

  #connected(codec: string, width: number, height: number): void {
    if (this.over) return;
    this.#become("streaming");
    this.#ready.resolve();
    this.#log.info(`${this.#name}: connected, ${codec} ${width}x${height}`);
    const { connection } = this.#connector;
    this.#emit({ type: "connected", connection, codec, width, height });
    this.#call("onConnect", this.#options.onConnect);
  }

  #lost(error: StreamError, connected: boolean): void {
    this.#lastError = this.#unlogged = error;
    if (error.code === "STALLED") {
      this.#stalls++;
      this.#emit({ type: "stalled", error });
    }
    if (!connected) return;
    this.#become("reconnecting");
    this.#emit({ type: "disconnected", error });
    this.#call("onDisconnect", this.#options.onDisconnect, error);
  }

  /** The error that ends it all is logged as that, once. */
  #warnOfLoss(): void {
    if (this.#unlogged) this.#log.warn(`${this.#name}: ${this.#unlogged.message}`);
    this.#unlogged = undefined;
  }

  #mayRetry(error: StreamError): boolean {
    if (this.#finishing || !this.#connector.live) return false;
    try {
      const again = this.#options.reconnect.retry(error);
      // The program may have ended it meanwhile.
      this.#givenUp ||= this.#finishing;
      return again;
    } catch (thrown) {
      this.#log.error(`${this.#name}: reconnect.retry threw ${String(thrown)}`);
      return error.retryable;
    }
  }

  #fail(error: StreamError): void {
    this.#lastError = error;
    this.#unlogged = undefined;
    this.#over("failed", error);
    this.#log.error(`${this.#name}: given up: ${error.message}`);
    this.#emitLast({ type: "failed", error });
    this.#call("onReconnectFailure", this.#options.onReconnectFailure, error);
  }

  /** A file has come to its end, or a writer has written all. */
  #end(): void {
    const reason = "it ended before the first frame";
    this.#over("stopped", this.error("END_OF_STREAM", reason, this.#lastError));
    this.#log.info(`${this.#name}: ended`);
    this.#emitLast({ type: "stopped", reason: "end" });
  }

  /** What is over stays as it ended. */
  #become(state: StreamState): void {
    if (!this.over) this.#state = state;
  }

  /** No more attempts are made; `error` is for those who wait for the first frame. */
  #over(state: "failed" | "stopped", error: StreamError): void {
    this.#become(state);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#pause.end();
    this.#ready.reject(error);
    this.#connector.wake();
  }

  #emitLast(event: Event): void {
    this.#emit(event);
    this.feed.close();
  }

  #emit(event: Event): void {
    this.feed.emit({ ...event, time: Date.now() });
  }

  #call<A extends unknown[]>(
    name: string,
    callback: ((...args: A) => unknown) | undefined,
    ...args: A
  ): void {
    void callProgram(this.#log, `${this.#name}: ${name}`, callback, ...args);
  }
}
