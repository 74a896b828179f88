/**
 * The writer of a stream: frames go to a server or into a file.
 *
 * @module
 */

import type { StreamError } from "../core/connection/errors.ts";
import type { StreamState, StreamStatus } from "../core/connection/states.ts";
import { parseMediaUrl } from "../core/connection/url.ts";
import { frameByteLength, type PixelFormat } from "../core/frame/formats.ts";
import { Frame } from "../core/frame/frame.ts";
import { checkPicture } from "../core/frame/picture_check.ts";
import {
  type ResolvedWriterOptions,
  resolveWriterOptions,
  type VideoWriterOptions,
  writerCredentials,
} from "../core/options/writer_options.ts";
import { now } from "../core/timing/clock.ts";
import { WriterClock } from "../core/timing/writer_clock.ts";
import { watchForgotten } from "../lifecycle/forgotten.ts";
import { Lifecycle } from "../lifecycle/lifecycle.ts";
import { loggerOf } from "../lifecycle/safe_logger.ts";
import { assertUsableRuntime } from "../thread/thread_refusal.ts";
import type { QueuedFrame } from "./frame_queue.ts";
import { PlaceLine, type Places } from "./place_line.ts";
import { type InputFormat, WriteConnector } from "./write_connector.ts";
import { WriterEnd } from "./writer_end.ts";
import { type WriterStats, writerStats } from "./writer_stats.ts";

/** What a frame that was given to `write()` is. */
type KnownFormat = InputFormat & { readonly format: PixelFormat };

/**
 * Encodes frames in a background thread and publishes them to a server, or
 * writes them into a file.
 *
 * ```ts
 * await using writer = new VideoWriter("rtmp://server/live/key", { fps: 24 });
 * for await (const frame of stream) writer.write(frame);
 * ```
 */
export class VideoWriter implements AsyncDisposable {
  readonly #url: string;
  readonly #options: ResolvedWriterOptions;
  readonly #connector: WriteConnector;
  readonly #life: Lifecycle;
  readonly #end: WriterEnd;
  readonly #clock: WriterClock;
  readonly #line: PlaceLine;
  #input: InputFormat | undefined;
  #accepted = 0;
  #closing: Promise<void> | undefined;
  /** Whether the program knows why the writer failed; a promise that it has dropped may set it. */
  readonly #error = { known: false };

  /**
   * Checks its arguments; does not open anything yet. The writer starts with the first
   * frame, or when `ready` is read or `status()` is called and the size is known.
   *
   * @param url A URL of the schemes rtmp, rtmps, rtsp, rtsps, srt, udp or file, or a
   * path; the scheme or the extension (.mp4 .mov .mkv .flv .ts .avi) picks the
   * container
   * @throws {TypeError} A malformed URL, one that cannot be written to, an unknown
   * option, a value of the wrong type
   * @throws {RangeError} A value out of range
   * @throws {StreamError} `LIBAV_UNSUPPORTED`: this runtime is too old
   */
  constructor(url: string, options?: VideoWriterOptions) {
    const media = parseMediaUrl(url, writerCredentials(options));
    const resolved = resolveWriterOptions(media, options);
    assertUsableRuntime(media.redacted);
    const log = loggerOf(resolved.logger);
    this.#url = media.redacted;
    this.#options = resolved;
    this.#clock = new WriterClock(resolved.timestamps, resolved.fps);
    this.#connector = new WriteConnector(media, resolved, log);
    this.#life = new Lifecycle(this.#connector, media, resolved, log, "write");
    this.#end = new WriterEnd(this.#life, this.#connector, resolved, log);
    this.#line = new PlaceLine(this.#places());
    if (!this.#life.hasCallbacks) watchForgotten(this, this.#end);
    const { width, height, format } = resolved;
    if (width !== undefined && height !== undefined) this.#input = { width, height, format };
  }

  /**
   * Copies a frame into the queue; never waits. Bytes are packed rows without padding in
   * the option `format`, `height` x `width` x channels, as in `Frame.data`. A Frame of
   * another size is scaled to the size of the first one.
   *
   * @returns false when the frame was dropped, because the queue is full and its policy
   * is `block`
   * @throws {TypeError} Bytes of the wrong length, a Frame of another format, bytes
   * without the options `width` and `height`
   * @throws {StreamError} The writer failed or is closed; `OUT_OF_MEMORY`: this frame cannot
   * be copied
   */
  write(picture: Frame | Uint8Array): boolean {
    this.#assertOpen();
    const input = picture instanceof Frame ? this.#frameInput(picture) : this.#bytesInput(picture);
    const { width, height, format } = input;
    const data = picture instanceof Frame ? picture.data : picture;
    // A Frame's memory may have been given to somebody else since it was made.
    if (picture instanceof Frame) checkPicture("write", data, input);
    const { queue } = this.#connector;
    if (queue.full && this.#options.queue.policy === "block") {
      queue.refused++;
      return false;
    }
    const time = this.#clock.next(now(), picture instanceof Frame ? picture.pts : undefined);
    this.#start(input);
    this.#connector.assertThread();
    const taken = this.#push({ data, format, width, height, time });
    this.#line.written();
    if (taken) this.#accepted++;
    return taken;
  }

  #push(frame: QueuedFrame): boolean {
    try {
      return this.#connector.queue.push(frame);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const reason = `there is no memory for a frame of ${frame.data.byteLength} bytes`;
      throw this.#life.error("OUT_OF_MEMORY", reason);
    }
  }

  /**
   * Resolves when the server has accepted the stream, or the file is open. An RTMP server
   * may accept a stream and refuse it after a look at its first packets, so such a
   * connection counts when it has lasted for 2.5 seconds, or has been closed before without
   * an error; frames are sent meanwhile. Rejects with the {@linkcode StreamError} if the
   * writer fails or is closed before that.
   */
  get ready(): Promise<void> {
    this.#startEarly();
    const life = this.#life;
    const error = this.#error;
    // That it was closed is no failure that the program would know.
    life.ready.catch(() => error.known ||= life.state === "failed");
    return life.ready;
  }

  /**
   * Resolves when there is space in the queue.
   *
   * @throws {StreamError} The writer failed or is closed.
   */
  drain(): Promise<void> {
    return this.#line.wait();
  }

  /**
   * Resolves when all frames so far have been encoded and passed to the connection. An
   * encoder for files may still hold some of them until `close()`.
   *
   * @throws {StreamError} The writer failed or is closed.
   */
  flush(): Promise<void> {
    return this.#until(() => this.#connector.queue.length === 0);
  }

  /**
   * Writes the frames that are left, completes a file and ends the background thread, at
   * the latest after `closeTimeout`. An attempt to connect that is under way may still
   * succeed; another one is not made. It can be called again. A writer that the program
   * drops without calling it is closed when it is collected as garbage, and a warning is
   * logged.
   *
   * @throws {StreamError} Frames that were left could not be written, or a file could not
   * be completed: the error of the last attempt, or `WRITE_TIMEOUT` after `closeTimeout`.
   * Not if a connection was lost before, and `onDisconnect` was called for it. Also when the
   * writer had failed and the error was not reported before.
   */
  close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = this.#close();
      // The error is in the log as well: a program that does not wait for it need not end.
      this.#closing.catch(() => {});
    }
    return this.#closing;
  }

  /** Same as {@linkcode close}, but does not throw an error that `close()` has already thrown. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ? this.#closing.catch(() => {}) : this.close();
  }

  /** A stream whose chunks are written; it waits for space if the queue's policy is `block`. */
  get writable(): WritableStream<Frame | Uint8Array> {
    return new WritableStream({
      write: async (picture) => {
        if (this.#options.queue.policy === "block") await this.drain();
        this.write(picture);
      },
      close: () => this.close(),
      abort: () => this.#life.stop(),
    });
  }

  /**
   * What the writer is doing; `streaming` means that it is writing, `stopped` that it is
   * closed.
   */
  get state(): StreamState {
    return this.#life.state;
  }

  /** Whether the server takes frames (see {@linkcode ready}), or the file is open. */
  get isConnected(): boolean {
    return this.#life.state === "streaming";
  }

  /** Total number of attempts to reconnect so far. */
  get reconnectCount(): number {
    return this.#life.reconnectCount;
  }

  /** The URL without credentials. */
  get url(): string {
    return this.#url;
  }

  /** Why the last attempt or connection ended. */
  get lastError(): StreamError | undefined {
    return this.#life.lastError;
  }

  /** Whether `write()` drops frames, or refuses them, when the queue is full. */
  get queuePolicy(): "drop-oldest" | "block" {
    return this.#options.queue.policy;
  }

  /** Returns counters and measurements since the first frame. */
  stats(): WriterStats {
    const { startTime, reconnectCount, libraries } = this.#life;
    return writerStats(this.#connector, this.#accepted, { startTime, reconnectCount, libraries });
  }

  /**
   * Iterates over the events from now on, until the writer has failed or is closed. Starts
   * the writer if it was not started and the size is known.
   */
  status(): AsyncIterableIterator<StreamStatus> {
    queueMicrotask(() => this.#startEarly());
    return this.#life.feed.subscribe(this);
  }

  #assertOpen(): void {
    if (this.#life.state === "failed") {
      this.#error.known = true;
      throw this.#life.overError;
    }
    if (this.#closing || this.#life.over) throw this.#life.error("CLOSED", "it was closed");
  }

  #frameInput({ width, height, format }: Frame): KnownFormat {
    const wanted = this.#options.format ?? this.#input?.format ?? format;
    if (format !== wanted) {
      throw new TypeError(
        `Cannot write a frame of format "${format}": this writer takes "${wanted}", after the ` +
          `option format or the first frame`,
      );
    }
    return { width, height, format };
  }

  #bytesInput(bytes: Uint8Array): KnownFormat {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot write this: it must be a Frame or a Uint8Array, got ${typeof bytes}`,
      );
    }
    const { width = this.#input?.width, height = this.#input?.height } = this.#options;
    const format = this.#options.format ?? this.#input?.format ?? "rgb24";
    if (width === undefined || height === undefined) {
      throw new TypeError("Cannot write bytes without the options width and height");
    }
    const expected = frameByteLength(format, width, height);
    if (bytes.byteLength !== expected) {
      throw new TypeError(
        `Cannot write ${bytes.byteLength} bytes: a picture of ${width}x${height} in ${format} ` +
          `has ${expected}`,
      );
    }
    return { width, height, format };
  }

  /** Before the first frame, whose size the options have told. */
  #startEarly(): void {
    if (this.#input && !this.#closing && !this.#life.stopped) this.#start(this.#input);
  }

  #start(input: InputFormat): void {
    const { width, height, format = input.format } = this.#input ?? input;
    this.#input = { width, height, format };
    this.#connector.input = this.#input;
    this.#life.start();
  }

  #places(): Places {
    const connector = this.#connector;
    return {
      get free() {
        return connector.queue.free;
      },
      until: (done) => this.#until(done),
      signal: () => connector.control.wake.signal(),
    };
  }

  async #until(done: () => boolean): Promise<void> {
    for (;;) {
      const { control } = this.#connector;
      const seen = control.wake.count;
      this.#assertOpen();
      if (done()) return;
      await control.wake.wait(seen);
    }
  }

  async #close(): Promise<void> {
    const error = await this.#end.close();
    const told = this.#error.known && this.#life.state === "failed";
    if (error && !told) throw error;
  }
}
