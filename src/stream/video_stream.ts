/**
 * The reader of a live stream.
 *
 * @module
 */

import type { StreamError } from "../core/connection/errors.ts";
import type { StreamState, StreamStatus } from "../core/connection/states.ts";
import { parseMediaUrl } from "../core/connection/url.ts";
import type { Frame } from "../core/frame/frame.ts";
import { resolve } from "../core/options/fields.ts";
import { checkNativeFormat } from "../core/options/native_options.ts";
import {
  FRAMES_FIELDS,
  type FramesOptions,
  NEXT_FIELDS,
  type NextOptions,
  READ_FIELDS,
  type ReadOptions,
} from "../core/options/read_options.ts";
import { type RecordOptions, resolveRecording } from "../core/options/record_options.ts";
import type { SnapshotOptions } from "../core/options/snapshot_options.ts";
import { resolveStreamOptions, type VideoStreamOptions } from "../core/options/stream_options.ts";
import { now } from "../core/timing/clock.ts";
import { keepWhile, watchForgotten } from "../lifecycle/forgotten.ts";
import { Lifecycle } from "../lifecycle/lifecycle.ts";
import { loggerOf } from "../lifecycle/safe_logger.ts";
import { assertUsableRuntime } from "../thread/thread_refusal.ts";
import type { VideoWriter } from "../writer/video_writer.ts";
import { FrameReader } from "./frame_reader.ts";
import { FrameSource } from "./frame_source.ts";
import { pipe, type PipeOptions, type Transform } from "./pipe.ts";
import { ReadConnector } from "./read_connector.ts";
import type { Recording } from "./recording.ts";
import { type StreamStats, streamStats } from "./stream_stats.ts";

/** What a group needs of its members. */
export interface StreamParts {
  readonly url: string;
  readonly source: FrameSource;
  readonly reader: FrameReader;
  readonly connector: ReadConnector;
  readonly life: Lifecycle;
}

/** Not for users of the package: the parts of a stream. */
export let partsOf: (stream: VideoStream) => StreamParts;

/**
 * Reads a live stream in a background thread, reconnects when it is lost, and always has
 * its newest frame.
 *
 * ```ts
 * await using stream = new VideoStream("rtsp://camera-ip/stream").start();
 * for await (const frame of stream) {
 *   console.log(frame.index, frame.width, frame.height, frame.data.length);
 * }
 * ```
 */
export class VideoStream implements AsyncDisposable, AsyncIterable<Frame> {
  static {
    partsOf = (one) => ({
      url: one.#url,
      source: one.#source,
      reader: one.#reader,
      connector: one.#connector,
      life: one.#life,
    });
  }

  readonly #url: string;
  readonly #source: FrameSource;
  readonly #reader: FrameReader;
  readonly #connector: ReadConnector;
  readonly #life: Lifecycle;

  /**
   * Checks its arguments; does not open anything yet.
   *
   * @param url Any URL of the schemes rtsp, rtsps, rtmp, rtmps, http, https,
   * udp, srt or file, or a path
   * @throws {TypeError} A malformed URL, an unknown option, a value of the wrong type
   * @throws {RangeError} A value out of range
   * @throws {StreamError} `LIBAV_UNSUPPORTED`: this runtime is too old
   */
  constructor(url: string, options?: VideoStreamOptions) {
    const resolved = resolveStreamOptions(options);
    const media = parseMediaUrl(url, resolved);
    checkNativeFormat(resolved.ffmpeg, media);
    assertUsableRuntime(media.redacted);
    this.#url = media.redacted;
    const source = new FrameSource(resolved);
    this.#source = source;
    const log = loggerOf(resolved.logger);
    const connector = new ReadConnector(media, resolved, source, log);
    this.#connector = connector;
    this.#life = new Lifecycle(connector, media, resolved, log, "read");
    this.#reader = new FrameReader(
      source,
      connector,
      this.#life,
      resolved.convert === "on-demand",
    );
    if (!this.#life.hasCallbacks) watchForgotten(this, this.#life);
  }

  /**
   * Starts to connect in the background and returns at once. A second call does nothing.
   *
   * @throws {StreamError} `CLOSED` after `stop()`
   */
  start(): this {
    if (this.#life.stopped) throw this.#life.error("CLOSED", "it was stopped; make a new one");
    this.#life.start();
    return this;
  }

  /**
   * Resolves when the first frame has arrived. Rejects with the
   * {@linkcode StreamError} if the stream fails or stops before that. Starts the stream if
   * it was not started.
   */
  get ready(): Promise<void> {
    const { ready } = this.#life;
    this.#startSoon();
    keepWhile(this, ready).catch(() => {});
    return ready;
  }

  /**
   * Returns the newest frame without waiting, or the same one again (same `index`) when
   * there is no newer one. While reconnecting, it is the last frame that was received.
   * For a file, it is the next frame.
   *
   * @returns null before the first frame, after `stop()`, and when the newest
   * frame is older than `maxAge`
   */
  read(options?: ReadOptions): Frame | null {
    const { maxAge } = resolve("read", options, READ_FIELDS);
    if (this.#life.stopped) return null;
    const frame = this.#reader.newest();
    return frame === undefined || frame.age > maxAge ? null : frame;
  }

  /**
   * Resolves to the next frame that `read()` or `next()` has not returned before, at once
   * if there is one. Starts the stream if it was not started.
   *
   * @throws {StreamError} The stream failed, ended or was stopped; `WAIT_TIMEOUT`
   * when no frame came within `timeout`.
   */
  async next(options?: NextOptions): Promise<Frame> {
    const { timeout, signal } = resolve("next", options, NEXT_FIELDS);
    signal?.throwIfAborted();
    this.#life.start();
    const frame = await this.#reader.next(now() + timeout, signal);
    if (frame) return frame;
    signal?.throwIfAborted();
    if (this.#life.over) throw this.#life.overError;
    throw this.#life.error("WAIT_TIMEOUT", `no frame within ${timeout} ms`);
  }

  /** Same as {@linkcode frames} without options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Frame> {
    return this.frames();
  }

  /**
   * Iterates over frames that this loop has not seen, always the newest one: a slow loop
   * skips frames, which shows as a gap in `frame.index`. For a file: every frame in
   * order, and the file waits for the loop. The loop ends after `stop()` and at the end
   * of a file. Starts the stream if it was not started.
   *
   * @throws {StreamError} The stream failed.
   * @throws {RangeError} More loops than `buffers` allow.
   */
  async *frames(options?: FramesOptions): AsyncIterableIterator<Frame> {
    const { signal } = resolve("frames", options, FRAMES_FIELDS);
    this.#life.start();
    const consumer = this.#reader.open();
    try {
      for (;;) {
        const frame = await this.#reader.nextFor(consumer, Infinity, signal);
        if (frame === undefined) break;
        yield frame;
      }
      if (this.#life.state === "failed" && !signal?.aborted) throw this.#life.overError;
    } finally {
      this.#reader.close(consumer);
    }
  }

  /**
   * Passes every frame through `transform` to a writer, until the stream ends or `signal`
   * is aborted; then closes the writer. While a transform is running, frames of a live
   * stream are skipped; a file waits.
   *
   * ```ts
   * await stream.pipeTo(writer, (frame) => drawBoxes(frame, model(frame)));
   * ```
   *
   * @throws {StreamError} The stream or the writer failed. An error thrown by `transform`
   * also ends the pipe.
   */
  pipeTo(writer: VideoWriter, transform?: Transform, options: PipeOptions = {}): Promise<void> {
    return pipe((choice) => this.frames(choice), writer, transform, options);
  }

  /**
   * Encodes the newest frame as a JPEG or PNG file, in the size of the delivered frames.
   * libav does this in the background thread. Waits for the first frame; if the stream
   * delivers nothing at the moment, it may wait for the next frame.
   *
   * @throws {StreamError} `CLOSED` when the stream is not running,
   * `UNSUPPORTED_CODEC` when the installed FFmpeg has no such encoder.
   */
  async snapshot(options?: SnapshotOptions): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#life.startTime === undefined) throw this.#life.error("CLOSED", "it was not started");
    if (this.#life.over) throw this.#life.error("CLOSED");
    await this.ready;
    return await keepWhile(this, this.#connector.snapshot(options));
  }

  /**
   * Records the stream's packets as they arrive, without decoding or encoding them again,
   * from the same connection as the frames: into one file, or with `segment` into several
   * files in sequence, cut at keyframes.
   *
   * ```ts
   * const recording = stream.record("cam-%Y%m%d-%H%M%S.mp4", { segment: 60_000 });
   * ```
   *
   * @param path .mp4 .mov .mkv .ts .flv .avi; `%Y %m %d %H %M %S` stand for the local
   * time of the file's beginning, `%%` for a `%`. A file that exists is never
   * replaced: the name gets a number.
   * @throws {TypeError} A path that cannot be recorded to, an unknown option, `preEvent`
   * on a stream without the option `history`
   * @throws {RangeError} A value out of range
   * @throws {StreamError} `CLOSED` after `stop()`
   */
  record(path: string, options?: RecordOptions): Recording {
    const request = resolveRecording(path, options);
    if (this.#life.over) throw this.#life.error("CLOSED");
    const recording = this.#connector.recordings.start(request);
    keepWhile(this, recording.finished).catch(() => {});
    return recording;
  }

  /**
   * Ends the stream. Resolves when libav is closed and the thread has ended, at the
   * latest after `closeTimeout`. Frames become invalid. It can be called again. A stream
   * that the program drops without calling it is stopped when it is collected as garbage,
   * and a warning is logged.
   */
  stop(): Promise<void> {
    return this.#life.stop();
  }

  /** Same as {@linkcode stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** What the stream is doing. */
  get state(): StreamState {
    return this.#life.state;
  }

  /** Whether frames arrive. */
  get isConnected(): boolean {
    return this.#life.state === "streaming";
  }

  /** Total number of attempts to reconnect so far. */
  get reconnectCount(): number {
    return this.#life.reconnectCount;
  }

  /**
   * Frames per second as the stream declares it, otherwise as measured; undefined before
   * that. A live stream whose times do not go as fast as the clock is measured.
   */
  get fps(): number | undefined {
    const declared = this.#connector.control.get("declaredRate");
    return declared > 0 ? declared : this.#measuredFps;
  }

  /** Width of delivered frames; undefined before the first connection. */
  get frameWidth(): number | undefined {
    return this.#connector.format?.width;
  }

  /** Height of delivered frames; undefined before the first connection. */
  get frameHeight(): number | undefined {
    return this.#connector.format?.height;
  }

  /** libav's name of the codec, `"h264"`; undefined before the first connection. */
  get codec(): string | undefined {
    return this.#connector.opened?.codec;
  }

  /** The URL without credentials. */
  get url(): string {
    return this.#url;
  }

  /** Why the last attempt or connection ended. */
  get lastError(): StreamError | undefined {
    return this.#life.lastError;
  }

  /** Returns counters and measurements since `start()`. */
  stats(): StreamStats {
    const { totals, control, opened, transport } = this.#connector;
    const { handOver } = this.#reader;
    const life = this.#life;
    const fps = this.#measuredFps;
    return streamStats({ totals, control, handOver, life, opened, transport, fps });
  }

  /**
   * Iterates over the events from now on, until the stream has failed or stopped. Starts
   * the stream if it was not started: the first event is then the first attempt.
   */
  status(): AsyncIterableIterator<StreamStatus> {
    this.#startSoon();
    return this.#life.feed.subscribe(this);
  }

  /** Behind what the program does now: it may make listeners, or stop the stream. */
  #startSoon(): void {
    queueMicrotask(() => this.#life.start());
  }

  get #measuredFps(): number | undefined {
    const interval = this.#reader.frameInterval;
    return interval > 0 ? 1000 / interval : undefined;
  }
}
