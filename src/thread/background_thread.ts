/**
 * The main thread's side of a background thread that makes one attempt after
 * the other: starts them, holds their deadlines, and gets rid of the thread.
 *
 * @module
 */

import type {
  StreamErrorCode,
  StreamErrorFields,
  StreamOperation,
} from "../core/connection/errors.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import { type ControlBlock, Phase } from "../core/shared/control_block.ts";
import { Presence } from "../core/shared/presence.ts";
import { now } from "../core/timing/clock.ts";
import type { BackgroundWorker } from "../runtime/types.ts";
import { forgetLeaver, heardFrom, type Leaver, watchLeaver } from "./goodbye.ts";
import type { LentSlots } from "./lent_slots.ts";
import { startTurns } from "./start_turns.ts";
import { ThreadMemory } from "./thread_memory.ts";
import type { ThreadMessage } from "./thread_message.ts";
import { lackRefusal, threadRefusal } from "./thread_refusal.ts";
import type { ThreadSource } from "./thread_source.ts";

/** How an attempt ended; no error: by itself, because nothing was left to do. */
export type AttemptResult = {
  readonly error?: StreamErrorFields | undefined;
  readonly stopped: boolean;
};

/** When an attempt is given up if nothing happens, and why. */
export interface Deadline {
  readonly at: number;
  readonly code: StreamErrorCode;
  readonly operation: StreamOperation;
  readonly reason: string;
}

/** What the threads of a stream have in common. */
export interface ThreadContext {
  readonly control: ControlBlock;
  readonly media: MediaUrl;
  /** Milliseconds that the thread has to end. */
  readonly closeTimeout: number;
  /** What the thread does when nothing else is said. */
  readonly operation: StreamOperation;
}

interface Attempt<Handlers> {
  readonly handlers: Handlers;
  /** When it began: not while its thread waits for its turn. */
  started: number;
  readonly resolve: (result: AttemptResult) => void;
  /** Why the stop byte was set: this, not the return code, is why the attempt ended. */
  cause?: StreamErrorFields | "stop" | undefined;
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/**
 * How long a thread may take until it begins. Loading its modules takes some tenths of a second;
 * one that begins later does not begin at all (its `Worker` may be another library's).
 */
const START_TIMEOUT_MS = 8_000;

/** With the stop byte in it; undefined where native calls are not permitted. */
function nativeMemory(control: ControlBlock): ThreadMemory | undefined {
  try {
    const memory = new ThreadMemory();
    // The stop may have been asked for before there was a thread.
    memory.stop.set(control.bytes.subarray(0, 1));
    control.moveStop(memory.stop);
    return memory;
  } catch {
    // The thread says what is not permitted.
    return undefined;
  }
}

/** One background thread. It runs one attempt at a time. */
export abstract class BackgroundThread<Request, Handlers, From extends { readonly type: string }>
  implements Leaver {
  readonly control: ControlBlock;
  readonly #source: ThreadSource;
  /** None where there can be none, and while it waits for its turn to begin. */
  #worker: BackgroundWorker | undefined;
  /** What is to be sent to it when it begins. */
  readonly #unsent: unknown[] = [];
  /** It is not one of those that begin any more. */
  #leaveTurn = (): void => {};
  readonly #presence: Presence;
  readonly #memory: ThreadMemory | undefined;
  readonly #context: ThreadContext;
  readonly #closed = Promise.withResolvers<void>();
  #attempt: Attempt<Handlers> | undefined;
  /** Why there can be no thread here, however often it is tried. */
  readonly refusal: StreamErrorFields | undefined;
  #failure: StreamErrorFields | undefined;
  #leftBehind = false;
  #startTimer: ReturnType<typeof setTimeout> | undefined;

  /** A thread that runs from `begin` on. */
  constructor(source: ThreadSource, context: ThreadContext) {
    this.#source = source;
    this.#context = context;
    this.control = context.control;
    this.#presence = new Presence(this.control.presence);
    const refusal = threadRefusal(source.module);
    if (refusal) {
      this.#failure = this.refusal = { ...refusal, url: this.url };
      this.#presence.end();
      return;
    }
    // A thread that others use as well does not end with this stream, and no libav call in it
    // looks at the stop byte.
    if (!source.isShared) this.#memory = nativeMemory(this.control);
  }

  /**
   * Begins when it is its turn.
   *
   * @param init the first message, which is made when it is sent: there is a time in it
   */
  protected begin(init: () => unknown): void {
    if (!this.#failure) this.#leaveTurn = startTurns.take(() => this.#spawn(init));
  }

  #spawn(init: () => unknown): void {
    try {
      this.#worker = this.#source.spawn({
        onMessage: (message) => this.#onMessage(message as From | ThreadMessage),
        onError: (message, lack) =>
          lack === undefined ? this.#die(message) : this.#end(lackRefusal(lack, message)),
      }, this.control);
    } catch (error) {
      // Whoever has given its turn back has no part in this.
      return this.#die(error instanceof Error ? error.message : String(error));
    }
    this.#startTimer = setTimeout(() => this.#checkStart(), START_TIMEOUT_MS);
    watchLeaver(this);
    for (const message of [init(), ...this.#unsent.splice(0)]) this.#worker.post(message);
    if (this.#attempt) this.#attempt.started = now();
    this.watch();
  }

  #onMessage(message: From | ThreadMessage): void {
    heardFrom(this);
    // The first is sent when libav is loaded, or cannot be.
    this.#leaveTurn();
    if (message.type === "ended") this.#finish((message as { error?: StreamErrorFields }).error);
    else if (message.type === "closed") {
      this.#leaveMemory(true);
      this.#onClosed();
    } else this.receive(message as From, this.#attempt?.handlers);
  }

  /** Where the thread finds its `ThreadMemory`; 0n: there is none. */
  protected get memoryAddress(): bigint {
    return this.#memory?.address ?? 0n;
  }

  #leaveMemory(over: boolean, onEnd?: () => void): void {
    const memory = this.#memory;
    if (!memory) return;
    // A stop that was asked for stands, and is not looked for there when that is freed.
    if (this.control.bytes === memory.stop) this.control.moveStop(memory.stop.slice());
    memory.leave(over, onEnd);
  }

  abstract askToEnd(): void;

  /** A message of this kind of thread; no handlers when no attempt is under way. */
  protected abstract receive(message: From, handlers: Handlers | undefined): void;

  /** The next deadline of the attempt that began at that time. */
  protected abstract nextDeadline(started: number): Deadline;

  /** The longest time in which the deadline may have changed without a word. */
  protected abstract readonly lookAgain: number;

  /** The memory that the thread has for frames. */
  abstract readonly slots: LentSlots;

  /** The thread will not answer any more. */
  protected onGone(_failure: StreamErrorFields): void {}

  #onClosed(): void {
    this.#presence.end();
    this.slots.end();
    this.#closed.resolve();
  }

  /** Why the thread does not answer any more. */
  get failure(): StreamErrorFields | undefined {
    return this.#failure;
  }

  /** Whether it is gone although it was not asked to: nothing of it is left behind. */
  get died(): boolean {
    return this.#failure !== undefined && !this.#leftBehind;
  }

  protected post(message: unknown): void {
    if (this.#worker) this.#worker.post(message);
    else if (!this.#failure) this.#unsent.push(message);
  }

  protected get url(): string {
    return this.#context.media.redacted;
  }

  /** Runs one attempt; resolves when it is over. Never rejects. */
  attempt(request: Request, handlers: Handlers): Promise<AttemptResult> {
    const { promise, resolve } = Promise.withResolvers<AttemptResult>();
    if (this.#failure) return Promise.resolve({ error: this.#failure, stopped: false });
    this.#attempt = { handlers, started: now(), resolve };
    this.control.clearStop();
    this.control.phase = Phase.opening;
    this.post({ type: "attempt", request });
    this.watch();
    return promise;
  }

  /** Ends the running attempt because the program wants it so. */
  stop(): void {
    this.#interrupt("stop");
  }

  /** Ends the running attempt, which cannot go on. */
  giveUp(failure: Pick<Deadline, "code" | "operation" | "reason">): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    clearTimeout(attempt.timer);
    this.#expire(attempt, failure);
  }

  /**
   * Ends the thread. Resolves to false when it did not end within
   * `closeTimeout` and was left behind.
   */
  async close(): Promise<boolean> {
    this.#interrupt("stop");
    if (this.#failure) return this.died;
    if (!this.#worker) {
      this.#leaveMemory(true);
      this.#end({ code: "CLOSED", operation: this.#context.operation });
      return true;
    }
    this.post({ type: "close" });
    const timeout = Promise.withResolvers<false>();
    const timer = setTimeout(() => timeout.resolve(false), this.#context.closeTimeout);
    const ended = this.#closed.promise.then(() => true as const);
    const closed = await Promise.race([ended, timeout.promise]);
    clearTimeout(timer);
    const { url } = this;
    this.onGone({ code: "CLOSED", operation: this.#context.operation, url });
    if (!closed) this.#abandon({ code: "ABORTED", operation: this.#context.operation, url });
    // A thread that was only just starting never says how its attempt ended.
    this.#finish(undefined);
    this.#terminate();
    forgetLeaver(this);
    return closed || this.died;
  }

  /** Waits for the next deadline; what it depends on moves on, so it looks again then. */
  protected watch(): void {
    const attempt = this.#attempt;
    if (!attempt || !this.#worker) return;
    clearTimeout(attempt.timer);
    const deadline = this.nextDeadline(attempt.started);
    const rest = deadline.at - now();
    if (rest <= 0) {
      this.#expire(attempt, deadline);
      return;
    }
    // What the thread does changes without a word: another deadline may be nearer then.
    attempt.timer = setTimeout(() => this.watch(), Math.min(rest + 1, this.lookAgain));
  }

  #expire(
    attempt: Attempt<Handlers>,
    { code, operation, reason }: Pick<Deadline, "code" | "operation" | "reason">,
  ): void {
    const failure: StreamErrorFields = { code, operation, url: this.url, reason };
    this.#interrupt(failure);
    // A look-up of a name and a read from a pipe do not see the stop byte.
    attempt.timer = setTimeout(() => this.#abandon(failure), this.#context.closeTimeout);
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

  /** The thread does not come back: nothing waits for it any more. */
  #abandon(failure: StreamErrorFields): void {
    // One that has not begun has nothing of the program's.
    if (this.control.giveUpStart()) return this.#end(failure);
    this.#failure ??= failure;
    this.#leftBehind = true;
    forgetLeaver(this);
    this.#presence.end();
    this.#terminate();
    this.#finish(failure);
    this.onGone(failure);
    this.#leaveMemory(false, () => this.slots.end());
  }

  #checkStart(): void {
    this.#leaveTurn();
    if (!this.control.giveUpStart()) return;
    this.#die(`the background thread did not begin within ${START_TIMEOUT_MS} ms`);
  }

  #die(reason: string): void {
    this.#end({ code: "WORKER_DIED", operation: this.#context.operation, reason });
  }

  /** There is no thread any more. */
  #end(failure: Omit<StreamErrorFields, "url">): void {
    this.#failure ??= { ...failure, url: this.url };
    this.#terminate();
    forgetLeaver(this);
    this.#finish(this.#failure);
    this.onGone(this.#failure);
    this.#leaveMemory(!this.#worker);
    this.#onClosed();
  }

  #terminate(): void {
    this.#leaveTurn();
    clearTimeout(this.#startTimer);
    this.#worker?.terminate();
  }
}
