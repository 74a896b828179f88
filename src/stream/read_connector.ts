/**
 * Attempts to read a stream, each in the background thread, and the thread
 * itself. When another attempt is made is not decided here.
 *
 * @module
 */

import { StreamError, type StreamErrorCode } from "../core/connection/errors.ts";
import type { Logger } from "../core/connection/logger.ts";
import type { RtspTransport } from "../core/connection/rtsp_transport.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import { threadOptions } from "../core/options/connection_options.ts";
import { resolveSnapshot, type SnapshotOptions } from "../core/options/snapshot_options.ts";
import type { ResolvedStreamOptions } from "../core/options/stream_options.ts";
import type { ControlBlock } from "../core/shared/control_block.ts";
import {
  READ_TOTALS,
  READ_WISHES,
  type ReadCounter,
  type ReadTotal,
} from "../core/shared/counters.ts";
import type { AttemptEvents } from "../lifecycle/connector.ts";
import { type AttemptOutcome, ThreadConnector } from "../lifecycle/thread_connector.ts";
import type { OpenedStream, SlotFormat } from "../thread/read_protocol.ts";
import { type ReadHandlers, ReadThread } from "../thread/read_thread.ts";
import { whyLibavformat } from "../thread/rtsp_client.ts";
import { threadOfItsOwn, threadPool } from "../thread/thread_pool.ts";
import type { FrameSource } from "./frame_source.ts";
import { Recordings } from "./recordings.ts";

const TRANSFER_WARNING = "the buffer of a frame was transferred: frames have bytes of their own " +
  "from now on, which costs a copy each; transfer copy().data.buffer to keep the others as they are";

/** Why an attempt ends whose frames could not be delivered. */
const MISSED_KEYFRAME: ReadonlySet<StreamErrorCode> = new Set(["KEYFRAME_TIMEOUT", "STALLED"]);

/** How far one attempt has come. */
interface Progress {
  readonly events: AttemptEvents;
  formats: number;
  /** Frames have passed. */
  connected: boolean;
  /** The owner was told so: perhaps before the thread's message about it was here. */
  announced: boolean;
}

/** One stream's connection, now and in future. */
export class ReadConnector extends ThreadConnector<ReadThread, ReadCounter, ReadTotal> {
  readonly #options: ResolvedStreamOptions;
  readonly #source: FrameSource;
  readonly #log: Logger;
  readonly recordings: Recordings;
  #generation = 0;
  #keyframesMissing = false;
  #openedLate = false;
  /** Why libavformat reads; undefined: the client of this package does. */
  #libavformat: string | undefined;
  /** What the client of this package has found that it cannot read. */
  #unsupported: string | undefined;
  #progress: Progress | undefined;
  #opened: OpenedStream | undefined;
  #format: SlotFormat | undefined;

  constructor(
    media: MediaUrl,
    options: ResolvedStreamOptions,
    source: FrameSource,
    log: Logger,
  ) {
    const { buffers, closeTimeout } = options;
    super({ media, log, slots: buffers, closeTimeout, totals: READ_TOTALS });
    this.#options = options;
    this.#source = source;
    this.#log = log;
    this.#libavformat = whyLibavformat(media, options);
    this.recordings = new Recordings(media, options.history, log);
    source.onTake = (connection) => {
      if (connection === this.connection) this.#announce();
    };
    source.onTransfer = () => log.warn(TRANSFER_WARNING);
    source.onFree = () => this.control.release.signal();
  }

  override get live(): boolean {
    return this.#opened?.live ?? this.media.rules.live !== "never";
  }

  /** The stream as it was last opened. */
  get opened(): OpenedStream | undefined {
    return this.#opened;
  }

  /** Size of the frames that come now. */
  get format(): SlotFormat | undefined {
    return this.#format;
  }

  /** How an RTSP stream is read. */
  get transport(): RtspTransport | undefined {
    const opened = this.#opened;
    if (!opened || !this.media.scheme.startsWith("rtsp")) return undefined;
    const reason = this.#libavformat;
    return { client: reason ? "libav" : "own", protocol: opened.transport, reason };
  }

  protected override async run(
    thread: ReadThread,
    events: AttemptEvents,
  ): Promise<AttemptOutcome> {
    const outcome = await this.#attempt(thread, events);
    const what = this.#unsupported;
    if (what === undefined || outcome.stopped || this.#options.rtspClient !== "auto") {
      return outcome;
    }
    this.#unsupported = undefined;
    this.#libavformat = what;
    this.#log.info(`${this.media.redacted}: libavformat reads it: ${what}`);
    return this.#attempt(await this.replaceThread(), events);
  }

  async #attempt(thread: ReadThread, events: AttemptEvents): Promise<AttemptOutcome> {
    const progress = { events, formats: 0, connected: false, announced: false };
    this.#progress = progress;
    const generation = this.#generation + 1;
    const result = await thread.attempt({
      ...threadOptions(this.#options),
      media: this.media,
      generation,
      firstIndex: this.totals.decoded,
      keyframesMissing: this.#keyframesMissing,
      openedLate: this.#openedLate,
      orders: thread.takeOrders(),
    }, this.#handlers(thread, progress));
    this.#keyframesMissing ||= MISSED_KEYFRAME.has(result.error?.code ?? "CLOSED");
    this.#openedLate = result.error?.code === "OPEN_TIMEOUT";
    this.#progress = undefined;
    return { ...result, connected: progress.connected };
  }

  /**
   * The newest picture as a JPEG or PNG file.
   *
   * @throws {StreamError} `CLOSED`
   */
  snapshot(options: SnapshotOptions | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const request = resolveSnapshot(options);
    const { thread } = this;
    if (thread) return thread.image(request);
    throw new StreamError({ code: "CLOSED", operation: "snapshot", url: this.media.redacted });
  }

  override release(): void {
    this.#source.releaseAll();
  }

  protected override onClosed(): void {
    this.recordings.endAll();
  }

  #handlers(thread: ReadThread, progress: Progress): ReadHandlers {
    const { events } = progress;
    return {
      onLoaded: (libraries) => events.onLoaded(libraries),
      onUnsupported: (what) => this.#unsupported = what,
      onOpened: (stream) => this.#opened = stream,
      onFormat: (format) => {
        const live = this.#opened?.live ?? true;
        if (progress.formats++ === 0) this.beginConnection();
        this.#generation = format.generation;
        this.#format = format;
        if (!this.#provide(thread, format, live)) return;
        if (progress.connected && this.#opened) {
          events.onFormatChange(this.#opened.codec, format.width, format.height);
        }
      },
      onWaiting: (waiting, since) => events.onWaiting(waiting, since),
      onDropped: (count, cause) => events.onDropped(count, cause),
      onStreaming: () => {
        progress.connected = true;
        this.#announce();
      },
    };
  }

  /** Ends the attempt where there is no memory for its frames. */
  #provide(thread: ReadThread, format: SlotFormat, live: boolean): boolean {
    try {
      const memory = this.#source.configure(thread.slots, format, this.connection, live);
      thread.provide(format.generation, memory);
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const { width, height, byteLength } = format;
      const { buffers } = this.#options;
      const reason = `there is no memory for ${buffers} frames of ${width}x${height}, each of ` +
        `${byteLength} bytes (options buffers, width, height, format)`;
      thread.giveUp({ code: "OUT_OF_MEMORY", operation: "read", reason });
      return false;
    }
  }

  /** A reader may have the first frame before the thread's message about it is here. */
  #announce(): void {
    const [progress, opened, format] = [this.#progress, this.#opened, this.#format];
    if (!progress || progress.announced || !opened || !format) return;
    progress.announced = true;
    progress.events.onConnected(opened.codec, format.width, format.height);
  }

  protected override startThread(control: ControlBlock<ReadCounter>): ReadThread {
    const { buffers } = this.#options;
    const source = this.#libavformat === undefined ? threadPool : threadOfItsOwn;
    const { media, recordings } = this;
    const thread = new ReadThread(source, control, media, buffers, this.#options, recordings);
    return this.recordings.thread = thread;
  }

  protected override moveTo(
    control: ControlBlock<ReadCounter>,
    old: ControlBlock<ReadCounter>,
  ): void {
    for (const name of READ_WISHES) control.set(name, old.get(name));
  }
}
