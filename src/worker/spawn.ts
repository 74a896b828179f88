/**
 * The main thread's side of a reader's background thread: starts it, holds its
 * deadlines, and gets rid of it.
 *
 * @module
 */

import { loadBackend } from "../../ffi/backend.ts";
import type { FfiBackend } from "../../ffi/types.ts";
import { type ControlBlock, now, Phase } from "../core/control.ts";
import { StreamError, type StreamErrorCode, type StreamErrorFields } from "../core/errors.ts";
import { type ImageRequest, packImageRequest } from "../core/image.ts";
import { SlotTable } from "../core/slots.ts";
import type { MediaUrl } from "../core/url.ts";
import { guard, unguard, type Writer } from "./exit_guard.ts";
import type { CaptureRequest, FromWorker, OpenedStream, SlotFormat, ToWorker } from "./protocol.ts";

/** How long the thread may take, in milliseconds. */
export interface Deadlines {
  readonly openTimeout: number;
  readonly readTimeout: number;
  readonly stallTimeout: number;
  readonly closeTimeout: number;
}

/** What an attempt tells while it runs. */
export interface AttemptHandlers {
  onOpened(stream: OpenedStream): void;
  /** Slots of this format are wanted; the thread waits for `ControlBlock.generation`. */
  onFormat(format: SlotFormat): void;
  onStreaming(): void;
}

/** How an attempt ended; no error: by itself, at the end of a finite stream. */
export type AttemptResult = { readonly error?: StreamErrorFields; readonly stopped: boolean };

/**
 * Memory that a thread which could not be stopped may still write to. It is
 * never freed: a leak in place of a crash.
 */
const abandoned: unknown[] = [];

interface Attempt {
  readonly request: CaptureRequest;
  readonly handlers: AttemptHandlers;
  readonly started: number;
  readonly resolve: (result: AttemptResult) => void;
  streaming: boolean;
  /** Why the stop byte was set: this, not the return code, is why the attempt ended. */
  cause?: StreamErrorFields | "stop";
  timer?: ReturnType<typeof setTimeout>;
}

interface PendingImage {
  readonly id: number;
  readonly request: ImageRequest;
  readonly resolve: (data: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: StreamError) => void;
}

/** One background thread. It runs one attempt at a time. */
export class CaptureThread implements Writer {
  readonly control: ControlBlock;
  readonly table: SlotTable;
  readonly #backend: FfiBackend;
  readonly #worker: Worker;
  readonly #deadlines: Deadlines;
  readonly #media: MediaUrl;
  readonly #closed = Promise.withResolvers<void>();
  /** What the thread writes to, kept alive as long as it runs. */
  #pinned: readonly ArrayBuffer[] = [];
  #attempt: Attempt | undefined;
  #images: PendingImage[] = [];
  #imageId = 0;
  #dead: StreamErrorFields | undefined;

  private constructor(
    backend: FfiBackend,
    control: ControlBlock,
    media: MediaUrl,
    slots: number,
    deadlines: Deadlines,
  ) {
    this.#backend = backend;
    this.#media = media;
    this.#deadlines = deadlines;
    this.control = control;
    this.table = new SlotTable(control.memory, slots);
    this.#worker = new Worker(new URL("./capture_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#receive(event.data);
    this.#worker.onerror = (event: ErrorEvent) => {
      event.preventDefault();
      this.#die(event.message);
    };
    this.#post({ type: "init", memory: control.memory, slots });
    guard(this);
  }

  /** See `exit_guard`. */
  set frozen(frozen: boolean) {
    this.control.frozen = frozen;
  }

  get frozen(): boolean {
    return this.control.frozen;
  }

  get writing(): boolean {
    return this.table.writing;
  }

  /** Starts a thread over `control`, whose memory is for `slots` slots. */
  static start(
    control: ControlBlock,
    media: MediaUrl,
    slots: number,
    deadlines: Deadlines,
  ): CaptureThread {
    return new CaptureThread(loadBackend(), control, media, slots, deadlines);
  }

  /** Whether another attempt can be made with it. */
  get usable(): boolean {
    return this.#dead === undefined;
  }

  /**
   * Gives the thread the slots it waits for. Those it had before it does not
   * write to any more.
   */
  provide(generation: number, buffers: readonly ArrayBuffer[]): void {
    this.#pinned = buffers;
    this.table.reset(
      buffers.map((buffer) =>
        this.#backend.addressOf(this.#backend.pointerOf(new Uint8Array(buffer)))
      ),
    );
    this.control.generation = generation;
  }

  /** Runs one attempt; resolves when it is over. Never rejects. */
  attempt(request: CaptureRequest, handlers: AttemptHandlers): Promise<AttemptResult> {
    const { promise, resolve } = Promise.withResolvers<AttemptResult>();
    if (this.#dead) return Promise.resolve({ error: this.#dead, stopped: false });
    this.#attempt = { request, handlers, started: now(), resolve, streaming: false };
    this.control.clearStop();
    this.control.phase = Phase.opening;
    this.#post({ type: "attempt", request });
    this.#watch();
    return promise;
  }

  /** Ends the running attempt because the program wants it so. */
  stop(): void {
    this.#interrupt("stop");
  }

  /** The newest picture as a file. One that is never answered is rejected when the thread ends. */
  image(request: ImageRequest): Promise<Uint8Array<ArrayBuffer>> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    this.#images.push({ id: ++this.#imageId, request, resolve, reject });
    if (this.#images.length === 1) this.#requestImage();
    return promise;
  }

  /**
   * Ends the thread. Resolves to false when it did not end within
   * `closeTimeout` and was left behind.
   */
  async close(): Promise<boolean> {
    this.#interrupt("stop");
    if (this.#dead) return false;
    this.#post({ type: "close" });
    const timeout = Promise.withResolvers<false>();
    const timer = setTimeout(() => timeout.resolve(false), this.#deadlines.closeTimeout);
    const ended = this.#closed.promise.then(() => true as const);
    const closed = await Promise.race([ended, timeout.promise]);
    clearTimeout(timer);
    this.#rejectImages({ code: "CLOSED", operation: "snapshot", url: this.#media.redacted });
    if (!closed) this.#abandon({ code: "ABORTED", operation: "read", url: this.#media.redacted });
    // A thread that was only just starting never says how its attempt ended.
    this.#finish(undefined);
    this.#worker.terminate();
    if (closed) unguard(this);
    return closed;
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    const handlers = this.#attempt?.handlers;
    switch (message.type) {
      case "opened":
        this.#watch();
        handlers?.onOpened(message);
        break;
      case "format":
        handlers?.onFormat(message);
        break;
      case "streaming":
        if (this.#attempt) this.#attempt.streaming = true;
        handlers?.onStreaming();
        break;
      case "image":
        this.#takeImage(message.id)?.resolve(message.data);
        break;
      case "imageError":
        this.#takeImage(message.id)?.reject(new StreamError(message.error));
        break;
      case "ended":
        this.#finish(message.error);
        break;
      case "closed":
        this.#closed.resolve();
        break;
    }
  }

  #finish(error: StreamErrorFields | undefined): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    this.#attempt = undefined;
    clearTimeout(attempt.timer);
    const { cause } = attempt;
    if (cause === "stop") attempt.resolve({ stopped: true });
    else attempt.resolve({ error: cause ?? error, stopped: false });
  }

  #interrupt(cause: StreamErrorFields | "stop"): void {
    // A stop of the program's stands above a deadline that has passed before it.
    if (this.#attempt && (cause === "stop" || !this.#attempt.cause)) this.#attempt.cause = cause;
    this.control.requestStop();
  }

  /** Waits for the next deadline; what it depends on moves on, so it looks again then. */
  #watch(): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    clearTimeout(attempt.timer);
    const { at, code } = this.#nextDeadline(attempt);
    const rest = at - now();
    if (rest <= 0) {
      this.#expire(attempt, code);
      return;
    }
    // What the thread does changes without a word: another deadline may be nearer then.
    const { readTimeout, stallTimeout } = this.#deadlines;
    const look = Math.min(rest + 1, readTimeout, stallTimeout);
    attempt.timer = setTimeout(() => this.#watch(), look);
  }

  #nextDeadline(attempt: Attempt): { at: number; code: StreamErrorCode } {
    const { openTimeout, readTimeout, stallTimeout } = this.#deadlines;
    const { control } = this;
    switch (control.phase) {
      case Phase.reading: {
        const read = control.get("lastPacketTime") + readTimeout;
        const stall = control.get("lastFrameTime") + stallTimeout;
        return read <= stall ? { at: read, code: "READ_TIMEOUT" } : { at: stall, code: "STALLED" };
      }
      case Phase.idle: // It is over, and the message about it on its way.
      case Phase.waiting: // The program is the slow one.
        return { at: now() + Math.min(readTimeout, stallTimeout), code: "STALLED" };
      default:
        return { at: attempt.started + openTimeout, code: "OPEN_TIMEOUT" };
    }
  }

  #expire(attempt: Attempt, code: StreamErrorCode): void {
    const { openTimeout, readTimeout, stallTimeout, closeTimeout } = this.#deadlines;
    const url = this.#media.redacted;
    const failure: StreamErrorFields = code === "OPEN_TIMEOUT"
      ? { code, operation: "open", url, reason: `timed out after ${openTimeout} ms` }
      : code === "READ_TIMEOUT"
      ? { code, operation: "read", url, reason: `timed out, no data for ${readTimeout} ms` }
      : { code, operation: "read", url, reason: `stalled, no frame for ${stallTimeout} ms` };
    this.#interrupt(failure);
    // A look-up of a name and a read from a pipe do not see the stop byte.
    attempt.timer = setTimeout(() => this.#abandon(failure), closeTimeout);
  }

  /** The thread does not come back: nothing waits for it any more. */
  #abandon(failure: StreamErrorFields): void {
    this.#dead ??= failure;
    abandoned.push(this.control.memory, ...this.#pinned);
    this.#worker.terminate();
    this.#finish(failure);
  }

  #die(message: string): void {
    const url = this.#media.redacted;
    this.#dead ??= { code: "WORKER_DIED", operation: "read", url, reason: message };
    this.#finish(this.#dead);
    this.#rejectImages(this.#dead);
    this.#closed.resolve();
  }

  #takeImage(id: number): PendingImage | undefined {
    const image = this.#images.find((pending) => pending.id === id);
    this.#images = this.#images.filter((pending) => pending !== image);
    this.#requestImage();
    return image;
  }

  /** One at a time: there is one word to ask with. */
  #requestImage(): void {
    const [first] = this.#images;
    if (!first) return;
    this.control.requestImage(first.id, packImageRequest(first.request));
    this.#post({ type: "image" });
  }

  #rejectImages(failure: StreamErrorFields): void {
    for (const image of this.#images.splice(0)) image.reject(new StreamError(failure));
  }
}
