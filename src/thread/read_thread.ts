/**
 * The main thread's side of a reader's background thread.
 *
 * @module
 */

import { StreamError, type StreamErrorFields } from "../core/connection/errors.ts";
import type { Libraries } from "../core/connection/libraries.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { ImageRequest } from "../core/options/snapshot_options.ts";
import type { RecordingStats } from "../core/output/recording_stats.ts";
import { type ControlBlock, Phase } from "../core/shared/control_block.ts";
import type { ReadCounter } from "../core/shared/counters.ts";
import { Mailbox } from "../core/shared/mailbox.ts";
import { SlotTable } from "../core/shared/slot_table.ts";
import { type DropCause, WAITING, type Waiting } from "../core/shared/waiting.ts";
import { now, readClock } from "../core/timing/clock.ts";
import { BackgroundThread, type Deadline } from "./background_thread.ts";
import type { FrameMemory } from "./frame_memory.ts";
import { LentSlots } from "./lent_slots.ts";
import { libraries } from "./libraries.ts";
import type {
  FromReadWorker,
  OpenedStream,
  Order,
  ReadRequest,
  SlotFormat,
} from "./read_protocol.ts";
import type { ThreadSource } from "./thread_source.ts";

/** How long the thread may take, in milliseconds. */
export interface ReadDeadlines {
  readonly openTimeout: number;
  readonly readTimeout: number;
  readonly stallTimeout: number;
  readonly keyframeTimeout: number;
  readonly closeTimeout: number;
}

/** What an attempt tells while it runs. */
export interface ReadHandlers {
  onLoaded(libraries: Libraries): void;
  /** The RTSP client of this package cannot read it: the attempt ends, and libavformat may go on. */
  onUnsupported(what: string): void;
  onOpened(stream: OpenedStream): void;
  /** Slots of this format are wanted; the thread waits for `ControlBlock.generation`. */
  onFormat(format: SlotFormat): void;
  onStreaming(): void;
  onWaiting(waiting: Waiting | undefined, since: number): void;
  onDropped(count: number, cause: DropCause): void;
}

/** Reports about recordings, over all attempts. */
export interface RecordingHandlers {
  onFile(id: number, file: string): void;
  onProgress(id: number, stats: RecordingStats): void;
  onRecorded(id: number, error: StreamErrorFields | undefined): void;
}

/** An order is a path and some numbers. */
const MAILBOX_BYTES = 16 * 1024;

interface PendingImage {
  readonly resolve: (data: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: StreamError) => void;
}

/** Reads a stream, one connection after the other. */
export class ReadThread extends BackgroundThread<ReadRequest, ReadHandlers, FromReadWorker> {
  declare readonly control: ControlBlock<ReadCounter>;
  override readonly slots: LentSlots;
  protected override readonly lookAgain: number;
  readonly #deadlines: ReadDeadlines;
  readonly #mailbox = new Mailbox(new SharedArrayBuffer(MAILBOX_BYTES));
  readonly #recordings: RecordingHandlers;
  readonly #orders: Order[] = [];
  readonly #images = new Map<number, PendingImage>();
  #imageId = 0;

  /** Starts a thread over `control`, whose memory is for `slots` slots. */
  constructor(
    source: ThreadSource<ReadCounter>,
    control: ControlBlock<ReadCounter>,
    media: MediaUrl,
    slots: number,
    deadlines: ReadDeadlines,
    recordings: RecordingHandlers,
  ) {
    const { closeTimeout } = deadlines;
    super(source, { control, media, closeTimeout, operation: "read" });
    this.#deadlines = deadlines;
    const { readTimeout, stallTimeout, keyframeTimeout } = deadlines;
    this.lookAgain = Math.min(readTimeout, stallTimeout, keyframeTimeout);
    this.slots = new LentSlots(new SlotTable(control.memory, slots));
    this.slots.begin();
    this.#recordings = recordings;
    this.begin(() => ({
      type: "init",
      clock: readClock(),
      verified: libraries.verified,
      memory: control.memory,
      own: this.memoryAddress,
      slots,
      orders: this.#mailbox.memory,
      isShared: source.isShared,
    }));
  }

  override askToEnd(): void {
    this.control.requestStop();
  }

  /**
   * Gives the thread the slots it waits for. Those it had before it does not
   * write to any more.
   */
  provide(generation: number, memory: readonly FrameMemory[]): void {
    this.slots.reset(memory);
    this.control.generation = generation;
    this.post({ type: "look" });
  }

  /** The newest picture as a file. One that is never answered is rejected when the thread ends. */
  image(request: ImageRequest): Promise<Uint8Array<ArrayBuffer>> {
    if (this.failure) return Promise.reject(new StreamError(this.failure));
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    const id = ++this.#imageId;
    this.#images.set(id, { resolve, reject });
    this.order({ type: "snapshot", id, request });
    return promise;
  }

  /** Has the thread do something, as soon as it looks. */
  order(order: Order): void {
    this.#orders.push(order);
    this.#sendOrder();
  }

  /** Those that the mailbox had no room for: a file is read faster than they would come. */
  takeOrders(): Order[] {
    return this.#orders.splice(0);
  }

  protected override receive(message: FromReadWorker, handlers: ReadHandlers | undefined): void {
    switch (message.type) {
      case "loaded":
        libraries.verified = message.verified;
        handlers?.onLoaded(message.libraries);
        break;
      case "unsupported":
        handlers?.onUnsupported(message.what);
        break;
      case "opened":
        this.watch();
        handlers?.onOpened(message);
        break;
      case "format":
        handlers?.onFormat(message);
        break;
      case "streaming":
        handlers?.onStreaming();
        break;
      case "waiting":
        handlers?.onWaiting(message.waiting, message.since);
        break;
      case "dropped":
        handlers?.onDropped(message.count, message.cause);
        break;
      case "ordered":
        this.#sendOrder();
        break;
      case "recording":
        this.#recordings.onFile(message.id, message.file);
        break;
      case "record-progress":
        this.#recordings.onProgress(message.id, message.stats);
        break;
      case "recorded":
        this.#recordings.onRecorded(message.id, message.error);
        break;
      case "image":
        this.#takeImage(message.id)?.resolve(message.data);
        break;
      case "imageError":
        this.#takeImage(message.id)?.reject(new StreamError(message.error));
        break;
    }
  }

  protected override nextDeadline(started: number): Deadline {
    const { openTimeout, readTimeout, stallTimeout } = this.#deadlines;
    const { control } = this;
    const readEnd: Deadline = {
      at: control.get("lastPacketTime") + readTimeout,
      code: "READ_TIMEOUT",
      operation: "read",
      reason: `timed out, no data for ${readTimeout} ms`,
    };
    const stallEnd: Deadline = {
      at: control.get("lastFrameTime") + stallTimeout,
      code: "STALLED",
      operation: "read",
      reason: `stalled, no frame for ${stallTimeout} ms`,
    };
    switch (control.phase) {
      case Phase.reading:
        return earliest(readEnd, stallEnd, this.#waitingEnd());
      case Phase.idle: // It is over, and the message about it on its way.
      case Phase.waiting: // The program is the slow one.
        return { ...stallEnd, at: now() + Math.min(readTimeout, stallTimeout) };
      default:
        return {
          at: started + openTimeout,
          code: "OPEN_TIMEOUT",
          operation: "open",
          reason: `timed out after ${openTimeout} ms`,
        };
    }
  }

  /** Frames come and none of them can be delivered. */
  #waitingEnd(): Deadline | undefined {
    const { control } = this;
    const { keyframeTimeout } = this.#deadlines;
    const at = control.get("waitingSince") + keyframeTimeout;
    const time = `for ${keyframeTimeout} ms`;
    switch (WAITING[control.get("waiting")]) {
      case "keyframe": {
        const reason = `timed out, data arrives but no keyframe ${time}; another attempt ` +
          `delivers frames without one, marked as corrupt`;
        return { at, code: "KEYFRAME_TIMEOUT", operation: "read", reason };
      }
      case "undamaged frame": {
        const reason = `stalled, all frames were damaged ${time}`;
        return { at, code: "STALLED", operation: "read", reason };
      }
      case "clock": {
        const reason = `stalled, the stream's times stand still and maxFps left out all ${time}`;
        return { at, code: "STALLED", operation: "read", reason };
      }
      default:
        return undefined;
    }
  }

  protected override onGone(failure: StreamErrorFields): void {
    const error: StreamErrorFields = failure.code === "CLOSED"
      ? { ...failure, operation: "snapshot" }
      : failure;
    for (const image of this.#images.values()) image.reject(new StreamError(error));
    this.#images.clear();
  }

  /** One at a time: the next one when this one was taken. */
  #sendOrder(): void {
    const [first] = this.#orders;
    if (!first || !this.#mailbox.put(JSON.stringify(first))) return;
    this.#orders.shift();
    this.control.release.signal();
    this.post({ type: "look" });
  }

  #takeImage(id: number): PendingImage | undefined {
    const image = this.#images.get(id);
    this.#images.delete(id);
    return image;
  }
}

function earliest(first: Deadline, ...others: (Deadline | undefined)[]): Deadline {
  return others.reduce<Deadline>((least, other) => {
    return other !== undefined && other.at < least.at ? other : least;
  }, first);
}
