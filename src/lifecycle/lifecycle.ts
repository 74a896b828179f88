/**
 * The life of a stream: the loop around its attempts, its state, and telling
 * about both.
 *
 * @module
 */

import {
  StreamError,
  type StreamErrorCode,
  type StreamOperation,
} from "../core/connection/errors.ts";
import type { Libraries } from "../core/connection/libraries.ts";
import type { Logger } from "../core/connection/logger.ts";
import {
  type AttemptEnd,
  reconnectLoop,
  type ReconnectPolicy,
} from "../core/connection/reconnect_loop.ts";
import type { StreamState, StreamStatus } from "../core/connection/states.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import { now } from "../core/timing/clock.ts";
import { StatusFeed } from "./status_feed.ts";

type Event<S = StreamStatus> = S extends StreamStatus ? Omit<S, "time"> : never;

/** What attempts are made with. */
export interface Connection {
  /** Whether a lost connection is made again: not that of a file. */
  readonly live: boolean;
  /** The number of the last connection. */
  readonly connection: number;
  /** One attempt. Never rejects. */
  attempt(attempt: number): Promise<AttemptEnd>;
  /** Ends the running attempt, and the thread with it. */
  close(): Promise<void>;
  /** The program has stopped it: frames become invalid. */
  release(): void;
  /** Whoever waits for the stream looks again. */
  wake(): void;
}

/** What the owner is told while an attempt runs. */
export interface ConnectionEvents {
  /** A thread has FFmpeg's libraries, and makes an attempt with them. */
  onLoaded(libraries: Libraries): void;
  /** Frames pass, for the first time in a connection. */
  onConnected(codec: string, width: number, height: number): void;
  /** The size has changed within a connection. */
  onFormatChange(codec: string, width: number, height: number): void;
}

export interface LifecycleOptions {
  readonly name?: string;
  readonly signal?: AbortSignal;
  readonly reconnect: ReconnectPolicy;
  readonly onConnect?: () => unknown;
  readonly onDisconnect?: (error: StreamError) => unknown;
  readonly onReconnectFailure?: (error: StreamError) => unknown;
}

/** Runs from `start()` until the stream is stopped, ends or fails. */
export class Lifecycle<C extends Connection> {
  readonly connection: C;
  readonly feed = new StatusFeed<StreamStatus>();
  readonly ready = Promise.withResolvers<void>();
  state: StreamState = "idle";
  lastError: StreamError | undefined;
  reconnectCount = 0;
  stalls = 0;
  startTime: number | undefined;
  /** What attempts are made with; undefined before the first one. */
  libraries: Libraries | undefined;
  /** Resolves when no more attempts will be made. */
  readonly finished = Promise.withResolvers<void>();
  readonly #media: MediaUrl;
  readonly #options: LifecycleOptions;
  readonly #log: Logger;
  readonly #name: string;
  readonly #operation: StreamOperation;
  #stopping: Promise<void> | undefined;
  #finishing = false;
  #givenUp = false;
  /** Ends the wait between two attempts. */
  #endSleep: () => void = () => {};

  constructor(
    media: MediaUrl,
    options: LifecycleOptions,
    log: Logger,
    operation: StreamOperation,
    connect: (events: ConnectionEvents) => C,
  ) {
    this.#media = media;
    this.#options = options;
    this.#log = log;
    this.#name = options.name ?? media.redacted;
    this.#operation = operation;
    this.connection = connect({
      onLoaded: (libraries) => this.#loaded(libraries),
      onConnected: (codec, width, height) => this.#connected(codec, width, height),
      onFormatChange: (codec, width, height) => {
        this.#log.info(`${this.#name}: the size of the frames is ${width}x${height} now`);
        this.#emit({ type: "format-change", codec, width, height });
      },
    });
    // Whoever does not look at `ready` hears of the error elsewhere.
    this.ready.promise.catch(() => {});
  }

  /** Whether `stop()` was called. */
  get stopped(): boolean {
    return this.#stopping !== undefined;
  }

  /** Whether no more frames will come than there are. */
  get over(): boolean {
    return this.state === "failed" || this.state === "stopped";
  }

  /** The error for somebody who waits for a frame that will not come. */
  get overError(): StreamError {
    if (this.state === "failed" && this.lastError) return this.lastError;
    return this.stopped ? this.error("CLOSED", "it was stopped") : this.error("END_OF_STREAM");
  }

  error(code: StreamErrorCode, reason?: string): StreamError {
    const operation = this.#operation;
    return new StreamError({ code, operation, url: this.#media.redacted, reason });
  }

  start(): void {
    if (this.startTime !== undefined || this.stopped) return;
    this.startTime = now();
    const { signal } = this.#options;
    if (signal?.aborted) {
      void this.stop();
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.state = "connecting";
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
    const failed = this.state === "failed";
    const announced = this.over;
    if (!failed) this.state = "stopped";
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#endSleep();
    this.connection.release();
    this.ready.reject(this.error("ABORTED", "it was stopped before the first frame"));
    await this.connection.close();
    this.finished.resolve();
    if (announced) return;
    this.#log.info(`${this.#name}: stopped`);
    this.#emit({ type: "stopped", reason: "stop" });
    this.feed.close();
  }

  async #run(): Promise<void> {
    const error = await reconnectLoop(
      { ...this.#options.reconnect, retry: (error) => this.#mayRetry(error) },
      {
        attempt: (attempt) => this.#attempt(attempt),
        sleep: (milliseconds) => this.#sleep(milliseconds),
        onRetry: ({ attempt, delay, error }) => {
          this.state = "reconnecting";
          this.#log.info(`${this.#name}: next attempt in ${Math.round(delay)} ms`);
          this.#emit({ type: "reconnecting", attempt, delay, error });
        },
        cancelled: () => this.stopped || this.#givenUp,
        random: Math.random,
      },
    );
    if (this.stopped) return;
    if (error) this.#fail(error);
    else this.#end();
    await this.connection.close();
    this.finished.resolve();
  }

  /** The running attempt is the last; one that only waits to be made is not made any more. */
  finish(): void {
    this.#finishing = true;
    if (this.state !== "reconnecting") return;
    this.#givenUp = true;
    this.#endSleep();
  }

  async #attempt(attempt: number): Promise<AttemptEnd> {
    if (attempt > 1) this.reconnectCount++;
    this.#log.debug(`${this.#name}: attempt ${attempt}`);
    this.#emit({ type: "connecting", attempt });
    const end = await this.connection.attempt(attempt);
    if (end.type === "failed" && !this.stopped) this.#lost(end.error, end.connected);
    return end;
  }

  #loaded(libraries: Libraries): void {
    const first = this.libraries === undefined;
    this.libraries = libraries;
    if (!first) return;
    const { version, release, paths } = libraries;
    this.#log.info(
      `${this.#name}: FFmpeg ${version}, used as release ${release}, ${paths.avformat}`,
    );
  }

  #connected(codec: string, width: number, height: number): void {
    if (this.stopped) return;
    this.state = "streaming";
    this.ready.resolve();
    this.#log.info(`${this.#name}: connected, ${codec} ${width}x${height}`);
    const { connection } = this.connection;
    this.#emit({ type: "connected", connection, codec, width, height });
    void this.#call("onConnect", this.#options.onConnect);
  }

  #lost(error: StreamError, connected: boolean): void {
    this.lastError = error;
    this.#log.warn(`${this.#name}: ${error.message}`);
    if (error.code === "STALLED") {
      this.stalls++;
      this.#emit({ type: "stalled", error });
    }
    if (!connected) return;
    this.state = "reconnecting";
    this.#emit({ type: "disconnected", error });
    void this.#call("onDisconnect", this.#options.onDisconnect, error);
  }

  #mayRetry(error: StreamError): boolean {
    if (this.#finishing || !this.connection.live) return false;
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
    this.state = "failed";
    this.lastError = error;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.ready.reject(error);
    this.#log.error(`${this.#name}: given up: ${error.message}`);
    this.#emit({ type: "failed", error });
    this.feed.close();
    this.connection.wake();
    void this.#call("onReconnectFailure", this.#options.onReconnectFailure, error);
  }

  /** A file has come to its end, or a writer has written all. */
  #end(): void {
    this.state = "stopped";
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.ready.reject(this.error("END_OF_STREAM", "it ended before the first frame"));
    this.#log.info(`${this.#name}: ended`);
    this.#emit({ type: "stopped", reason: "end" });
    this.feed.close();
    this.connection.wake();
  }

  #emit(event: Event): void {
    this.feed.emit({ ...event, time: Date.now() });
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The program's own function: what it throws is its bug, not the stream's end. */
  async #call<A extends unknown[]>(
    name: string,
    callback: ((...args: A) => unknown) | undefined,
    ...args: A
  ): Promise<void> {
    try {
      await callback?.(...args);
    } catch (error) {
      const text = error instanceof Error ? error.stack ?? error.message : String(error);
      this.#log.error(`${this.#name}: ${name} threw ${text}`);
    }
  }
}
