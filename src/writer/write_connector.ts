/**
 * Attempts to write, each in the background thread, and the thread itself.
 * When another attempt is made is not decided here.
 *
 * @module
 */

import { StreamError } from "../core/connection/errors.ts";
import type { Logger } from "../core/connection/logger.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { PixelFormat } from "../core/frame/formats.ts";
import type { Size } from "../core/frame/geometry.ts";
import { threadOptions } from "../core/options/connection_options.ts";
import type { ResolvedWriterOptions } from "../core/options/writer_options.ts";
import type { ControlBlock } from "../core/shared/control_block.ts";
import { WRITE_TOTALS, type WriteCounter, type WriteTotal } from "../core/shared/counters.ts";
import { now } from "../core/timing/clock.ts";
import type { AttemptEvents } from "../lifecycle/connector.ts";
import { type AttemptOutcome, ThreadConnector } from "../lifecycle/thread_connector.ts";
import type { OpenedOutput, WriteRequest } from "../thread/write_protocol.ts";
import { WriteThread } from "../thread/write_thread.ts";
import { FrameQueue } from "./frame_queue.ts";
import { PROVEN_MS, trialFailure, trialTime } from "./trial.ts";

/** What the frames are: the size is known before the first attempt, the format with the first frame. */
export interface InputFormat extends Size {
  readonly format?: PixelFormat | undefined;
}

/** One writer's connection, now and in future. */
export class WriteConnector extends ThreadConnector<WriteThread, WriteCounter, WriteTotal> {
  readonly #options: ResolvedWriterOptions;
  readonly #log: Logger;
  readonly queue: FrameQueue;
  #stream: OpenedOutput | undefined;
  /** Set by the owner before the first attempt. */
  input: InputFormat | undefined;

  constructor(media: MediaUrl, options: ResolvedWriterOptions, log: Logger) {
    const { queue: { size, policy }, closeTimeout } = options;
    super({ media, log, slots: size, closeTimeout, totals: WRITE_TOTALS });
    this.#options = options;
    this.#log = log;
    this.queue = new FrameQueue(this.control, size, policy);
  }

  override get live(): boolean {
    return this.#options.output.live;
  }

  /** The last connection that was accepted. */
  get stream(): OpenedOutput | undefined {
    return this.#stream;
  }

  /** @throws {StreamError} There can be no thread here, so that no frame can be taken. */
  assertThread(): void {
    const refusal = this.thread?.refusal;
    if (refusal) throw new StreamError(refusal);
  }

  protected override async run(
    thread: WriteThread,
    events: AttemptEvents,
  ): Promise<AttemptOutcome> {
    let accepted: number | undefined;
    let connected = false;
    let trial: ReturnType<typeof setTimeout> | undefined;
    const request = this.#request();
    const connect = () => {
      connected = true;
      this.beginConnection();
      events.onConnected(request.codec, request.width, request.height);
    };
    const { error, stopped } = await thread.attempt(request, {
      onLoaded: (libraries) => events.onLoaded(libraries),
      onOpened: (stream) => {
        accepted = now();
        this.#stream = stream;
        const time = trialTime(this.media);
        if (time > 0) trial = setTimeout(connect, time);
        else connect();
      },
      onLate: () =>
        this.#log.info(
          `${this.media.redacted}: the server takes less than is sent, so frames are left out`,
        ),
    });
    clearTimeout(trial);
    if (accepted === undefined) return { error, stopped, connected };
    const elapsed = now() - accepted;
    if (error && !connected) return { error: trialFailure(error, elapsed), stopped, connected };
    // All was written before the trial was over: that is as good.
    if (!connected && !stopped) connect();
    return { error, stopped, connected, resetsBackoff: elapsed >= PROVEN_MS };
  }

  override release(): void {
    this.wake();
  }

  protected override onClosed(): void {
    this.queue.end();
  }

  #request(): WriteRequest {
    const { input } = this;
    if (!input) throw new Error("Cannot publish a picture of unknown size");
    const { width, height } = this.#options;
    return {
      ...threadOptions(this.#options),
      media: this.media,
      format: input.format,
      width: even(width ?? input.width),
      height: even(height ?? input.height),
    };
  }

  protected override startThread(control: ControlBlock<WriteCounter>): WriteThread {
    return new WriteThread(control, this.media, this.queue.slots, this.#options);
  }

  protected override moveTo(control: ControlBlock<WriteCounter>): void {
    this.queue.moveTo(control);
  }
}

/** 4:2:0 has one colour for two by two pixels. */
function even(length: number): number {
  return Math.max(2, length & ~1);
}
