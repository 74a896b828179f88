/**
 * Attempts to publish, each in the background thread, and the thread itself.
 * When another attempt is made is not decided here.
 *
 * @module
 */

import { StreamError } from "../core/connection/errors.ts";
import type { Logger } from "../core/connection/logger.ts";
import type { AttemptEnd } from "../core/connection/reconnect_loop.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { PixelFormat } from "../core/frame/formats.ts";
import type { Size } from "../core/frame/geometry.ts";
import type { ResolvedWriterOptions } from "../core/options/writer_options.ts";
import { ControlBlock } from "../core/shared/control_block.ts";
import { sharedByteLength } from "../core/shared/slot_table.ts";
import { now } from "../core/timing/clock.ts";
import type { Connection, ConnectionEvents } from "../lifecycle/lifecycle.ts";
import type { OpenedOutput, WriteRequest } from "../thread/write_protocol.ts";
import { addressOf, WriteThread } from "../thread/write_thread.ts";
import { FrameQueue } from "./frame_queue.ts";

/** What the frames are: the size is known before the first attempt, the format with the first frame. */
export interface InputFormat extends Size {
  readonly format?: PixelFormat;
}

/** Numbers that outlive a thread that was left behind. */
interface Totals {
  encoded: number;
  packets: number;
  bytes: number;
  replaced: number;
  refused: number;
}

/** Servers say yes to everybody and hang up on those they do not want. */
const PROVEN_MS = 1_000;

/** One writer's connection, now and in future. */
export class WriteConnector implements Connection {
  readonly #media: MediaUrl;
  readonly #options: ResolvedWriterOptions;
  readonly #events: ConnectionEvents;
  readonly #log: Logger;
  readonly #past: Totals = { encoded: 0, packets: 0, bytes: 0, replaced: 0, refused: 0 };
  #control: ControlBlock;
  #queue: FrameQueue;
  #thread: WriteThread | undefined;
  #closing: Promise<void> | undefined;
  #connection = 0;
  #stream: OpenedOutput | undefined;
  /** Set by the owner before the first attempt. */
  input: InputFormat | undefined;

  constructor(
    media: MediaUrl,
    options: ResolvedWriterOptions,
    events: ConnectionEvents,
    log: Logger,
  ) {
    this.#media = media;
    this.#options = options;
    this.#events = events;
    this.#log = log;
    [this.#control, this.#queue] = this.#makeQueue();
  }

  get live(): boolean {
    return this.#options.output.live;
  }

  get connection(): number {
    return this.#connection;
  }

  get control(): ControlBlock {
    return this.#control;
  }

  get queue(): FrameQueue {
    return this.#queue;
  }

  /** The last connection that was accepted. */
  get stream(): OpenedOutput | undefined {
    return this.#stream;
  }

  /** Counts over the whole life. */
  get totals(): Totals {
    const past = this.#past;
    return {
      encoded: past.encoded + this.#control.get("encoded"),
      packets: past.packets + this.#control.get("packets"),
      bytes: past.bytes + this.#control.get("bytes"),
      replaced: past.replaced + this.#queue.replaced,
      refused: past.refused + this.#queue.refused,
    };
  }

  async attempt(attempt: number): Promise<AttemptEnd> {
    if (this.#closing) return { type: "done" };
    let accepted: number | undefined;
    const request = this.#request();
    const { error, stopped } = await this.#usableThread().attempt(request, {
      onLoaded: (libraries) => this.#events.onLoaded(libraries),
      onOpened: (stream) => {
        accepted = now();
        this.#stream = stream;
        this.#connection++;
        this.#events.onConnected(request.codec, request.width, request.height);
      },
    });
    if (stopped || error === undefined) return { type: "done" };
    return {
      type: "failed",
      error: new StreamError({ ...error, attempt }),
      connected: accepted !== undefined,
      resetsBackoff: accepted !== undefined && now() - accepted >= PROVEN_MS,
    };
  }

  release(): void {
    this.wake();
  }

  wake(): void {
    this.#control.wake.signal();
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    if (await this.#thread?.close() === false) this.#warnLeftBehind();
    this.wake();
  }

  #request(): WriteRequest {
    const { input } = this;
    if (!input) throw new Error("Cannot publish a picture of unknown size");
    const { output, timestamps, ffmpeg, width, height, ...options } = this.#options;
    return {
      media: this.#media,
      output,
      format: input.format,
      width: even(width ?? input.width),
      height: even(height ?? input.height),
      fps: options.fps,
      codec: options.codec,
      encoder: options.encoder,
      bitrate: options.bitrate,
      gop: options.gop,
      preset: options.preset,
      tune: options.tune,
      pixelFormat: options.pixelFormat,
      constantRate: timestamps === "constant",
      pace: options.pace,
      overwrite: options.overwrite,
      fragmented: options.fragmented,
      transport: options.transport,
      openTimeout: options.openTimeout,
      writeTimeout: options.writeTimeout,
      nativeFormat: ffmpeg.format,
      nativeCodec: ffmpeg.codec,
    };
  }

  #usableThread(): WriteThread {
    if (this.#thread && !this.#thread.failure) return this.#thread;
    if (this.#thread) {
      Object.assign(this.#past, this.totals);
      this.#warnLeftBehind();
      [this.#control, this.#queue] = this.#makeQueue();
    }
    const { queue, openTimeout, writeTimeout, closeTimeout } = this.#options;
    const deadlines = { openTimeout, writeTimeout, closeTimeout };
    this.#thread = new WriteThread(this.#control, this.#media, queue.size, deadlines);
    this.#thread.pinned = this.#queue.buffers;
    return this.#thread;
  }

  #makeQueue(): [ControlBlock, FrameQueue] {
    const { size, policy } = this.#options.queue;
    const control = new ControlBlock(new SharedArrayBuffer(sharedByteLength(size)));
    return [control, new FrameQueue(control, size, policy, addressOf)];
  }

  #warnLeftBehind(): void {
    this.#log.warn(
      `${this.#media.redacted}: the background thread did not end within ` +
        `${this.#options.closeTimeout} ms and was left behind`,
    );
  }
}

/** 4:2:0 has one colour for two by two pixels. */
function even(length: number): number {
  return Math.max(2, length & ~1);
}
