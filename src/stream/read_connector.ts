/**
 * Attempts to read a stream, each in the background thread, and the thread
 * itself. When another attempt is made is not decided here.
 *
 * @module
 */

import { StreamError } from "../core/connection/errors.ts";
import type { Logger } from "../core/connection/logger.ts";
import type { AttemptEnd } from "../core/connection/reconnect_loop.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import { resolveSnapshot, type SnapshotOptions } from "../core/options/snapshot_options.ts";
import type { ResolvedStreamOptions } from "../core/options/stream_options.ts";
import { ControlBlock } from "../core/shared/control_block.ts";
import { sharedByteLength } from "../core/shared/slot_table.ts";
import type { Connection, ConnectionEvents } from "../lifecycle/lifecycle.ts";
import type { OpenedStream, SlotFormat } from "../thread/read_protocol.ts";
import { type ReadHandlers, ReadThread } from "../thread/read_thread.ts";
import type { FrameSource } from "./frame_source.ts";
import { Recordings } from "./recordings.ts";

/** How far one attempt has come. */
interface ConnectionProgress {
  formats: number;
  /** Frames have passed. */
  connected: boolean;
}

/** Numbers that outlive a thread that was left behind. */
interface Totals {
  packets: number;
  bytes: number;
  decoded: number;
  droppedUnread: number;
  droppedNoBuffer: number;
  droppedCorrupt: number;
  droppedBeforeKeyframe: number;
  droppedMaxFps: number;
  droppedUnwanted: number;
}

const TOTALS: readonly (keyof Totals)[] = [
  "packets",
  "bytes",
  "decoded",
  "droppedUnread",
  "droppedNoBuffer",
  "droppedCorrupt",
  "droppedBeforeKeyframe",
  "droppedMaxFps",
  "droppedUnwanted",
];

/** What readers want, which a new thread must know. */
const WISHES = ["wantedFrom", "wantedUntil"] as const;

/** One stream's connection, now and in future. */
export class ReadConnector implements Connection {
  readonly #media: MediaUrl;
  readonly #options: ResolvedStreamOptions;
  readonly #source: FrameSource;
  readonly #events: ConnectionEvents;
  readonly #log: Logger;
  readonly recordings: Recordings;
  readonly #past: Totals = {
    packets: 0,
    bytes: 0,
    decoded: 0,
    droppedUnread: 0,
    droppedNoBuffer: 0,
    droppedCorrupt: 0,
    droppedBeforeKeyframe: 0,
    droppedMaxFps: 0,
    droppedUnwanted: 0,
  };
  #control: ControlBlock;
  #thread: ReadThread | undefined;
  #generation = 0;
  #connection = 0;
  /** The last connection that the owner was told of. */
  #announced = 0;
  #closing: Promise<void> | undefined;
  #opened: OpenedStream | undefined;
  #format: SlotFormat | undefined;

  constructor(
    media: MediaUrl,
    options: ResolvedStreamOptions,
    source: FrameSource,
    events: ConnectionEvents,
    log: Logger,
  ) {
    this.#media = media;
    this.#options = options;
    this.#source = source;
    this.#events = events;
    this.#log = log;
    this.recordings = new Recordings(media, log);
    this.#control = this.#makeControl();
    source.onTake = (connection) => {
      if (connection === this.#connection) this.#announce();
    };
    source.onFree = () => this.#control.release.signal();
  }

  /** The shared words of the current thread; they change when one had to be left behind. */
  get control(): ControlBlock {
    return this.#control;
  }

  /** The number of the last connection. */
  get connection(): number {
    return this.#connection;
  }

  get live(): boolean {
    return this.#opened?.live ?? this.#media.rules.live !== "never";
  }

  /** The stream as it was last opened. */
  get opened(): OpenedStream | undefined {
    return this.#opened;
  }

  /** Size of the frames that come now. */
  get format(): SlotFormat | undefined {
    return this.#format;
  }

  /** Counts over the whole life. */
  get totals(): Totals {
    const totals = { ...this.#past };
    for (const name of TOTALS) totals[name] += this.#control.get(name);
    return totals;
  }

  /** One attempt. Never rejects. */
  async attempt(attempt: number): Promise<AttemptEnd> {
    if (this.#closing) return { type: "done" };
    const thread = this.#usableThread();
    const connection: ConnectionProgress = { formats: 0, connected: false };
    const generation = this.#generation + 1;
    const { error, stopped } = await thread.attempt({
      media: this.#media,
      transport: this.#options.transport,
      latency: this.#options.latency,
      demuxer: this.#options.inputFormat,
      nativeFormat: this.#options.ffmpeg.format,
      nativeCodec: this.#options.ffmpeg.codec,
      openTimeout: this.#options.openTimeout,
      readTimeout: this.#options.readTimeout,
      socketBufferSize: this.#options.socketBufferSize,
      format: this.#options.format,
      width: this.#options.width,
      height: this.#options.height,
      fit: this.#options.fit,
      maxFps: this.#options.maxFps,
      convert: this.#options.convert,
      decode: this.#options.decode,
      history: this.#options.history,
      loop: this.#options.loop,
      realtime: this.#options.realtime,
      generation,
      firstIndex: this.totals.decoded,
    }, this.#handlers(thread, connection));
    if (stopped || error === undefined) return { type: "done" };
    return {
      type: "failed",
      error: new StreamError({ ...error, attempt }),
      connected: connection.connected,
    };
  }

  /**
   * The newest picture as a JPEG or PNG file.
   *
   * @throws {StreamError} `CLOSED`
   */
  snapshot(options: SnapshotOptions | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const request = resolveSnapshot(options);
    if (this.#thread === undefined || this.#closing) {
      throw new StreamError({
        code: "CLOSED",
        operation: "snapshot",
        url: this.#media.redacted,
      });
    }
    return this.#thread.image(request);
  }

  release(): void {
    this.#source.releaseAll();
  }

  wake(): void {
    this.#control.wake.signal();
  }

  /** Ends the running attempt, and the thread with it. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#control.requestStop();
    this.#control.wake.signal();
    if (await this.#thread?.close() === false) this.#warnLeftBehind();
    this.recordings.endAll();
  }

  #handlers(thread: ReadThread, connection: ConnectionProgress): ReadHandlers {
    return {
      onLoaded: (libraries) => this.#events.onLoaded(libraries),
      onOpened: (stream) => this.#opened = stream,
      onFormat: (format) => {
        const live = this.#opened?.live ?? true;
        if (connection.formats++ === 0) this.#connection++;
        this.#generation = format.generation;
        this.#format = format;
        thread.provide(
          format.generation,
          this.#source.configure(thread.table, format, this.#connection, live),
        );
        if (connection.connected && this.#opened) {
          this.#events.onFormatChange(this.#opened.codec, format.width, format.height);
        }
      },
      onStreaming: () => {
        connection.connected = true;
        this.#announce();
      },
    };
  }

  /** A reader may have the first frame before the thread's message about it is here. */
  #announce(): void {
    if (this.#announced === this.#connection || !this.#opened || !this.#format) return;
    this.#announced = this.#connection;
    this.#events.onConnected(this.#opened.codec, this.#format.width, this.#format.height);
  }

  #usableThread(): ReadThread {
    if (this.#thread && !this.#thread.failure) return this.#thread;
    if (this.#thread) {
      for (const name of TOTALS) this.#past[name] += this.#control.get(name);
      this.#warnLeftBehind();
      const old = this.#control;
      this.#control = this.#makeControl();
      for (const name of WISHES) this.#control.set(name, old.get(name));
      old.wake.signal();
    }
    const thread = new ReadThread(
      this.#control,
      this.#media,
      this.#options.buffers,
      this.#options,
      this.recordings,
    );
    this.recordings.thread = thread;
    return this.#thread = thread;
  }

  #makeControl(): ControlBlock {
    return new ControlBlock(new SharedArrayBuffer(sharedByteLength(this.#options.buffers)));
  }

  #warnLeftBehind(): void {
    this.#log.warn(
      `${this.#media.redacted}: the background thread did not end within ` +
        `${this.#options.closeTimeout} ms and was left behind`,
    );
  }
}
