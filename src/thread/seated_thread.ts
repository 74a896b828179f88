/**
 * A background thread that reads, and the streams that have a seat in it.
 *
 * @module
 */

import type { ControlBlock } from "../core/shared/control_block.ts";
import type { ReadCounter } from "../core/shared/counters.ts";
import { now } from "../core/timing/clock.ts";
import { runtime } from "../runtime/mod.ts";
import type { BackgroundWorker, Lack, WorkerHandlers } from "../runtime/types.ts";
import type { FromSeat } from "./read_protocol.ts";
import { READ_WORKER } from "./worker_modules.ts";

/** Of one processor: what a stream is taken to use before it was measured. */
const UNKNOWN_LOAD = 0.02;
/** Milliseconds after which a measured load is one. */
const MEASURED_AFTER = 1_000;
/**
 * Milliseconds in which a stream that is not waited for any more may still say its last word,
 * before its thread is taken to be in a native call that does not return.
 */
const HUNG_AFTER = 5_000;

class Seat {
  readonly handlers: WorkerHandlers;
  readonly #control: ControlBlock<ReadCounter>;
  readonly #since = now();
  /** It has said its last word. */
  isClosed = false;
  /** Nobody waits for that any more. */
  lateTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(handlers: WorkerHandlers, control: ControlBlock<ReadCounter>) {
    this.handlers = handlers;
    this.#control = control;
  }

  /** Whether the thread has begun with it, and not ended. */
  get isTaken(): boolean {
    return this.#control.begun && !this.isClosed;
  }

  /** The share of a processor that its decoding and conversion take. */
  get load(): number {
    const elapsed = now() - this.#since;
    return elapsed < MEASURED_AFTER ? UNKNOWN_LOAD : this.#control.get("workTime") / elapsed;
  }
}

/** It ends with the last of its streams. */
export class SeatedThread {
  readonly #worker: BackgroundWorker;
  readonly #seats = new Map<number, Seat>();
  readonly #onEnd: () => void;
  #count = 0;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#worker = runtime.spawnWorker(READ_WORKER, {
      onMessage: (message) => this.#receive(message as FromSeat),
      onError: (message, lack) => this.#die(message, lack),
    });
  }

  /** The share of a processor that its streams take. */
  get load(): number {
    return this.#seats.values().reduce((sum, { load }) => sum + load, 0);
  }

  /** A seat for one more stream, which uses it as a thread of its own. */
  take(handlers: WorkerHandlers, control: ControlBlock<ReadCounter>): BackgroundWorker {
    const number = ++this.#count;
    const seat = new Seat(handlers, control);
    this.#seats.set(number, seat);
    return {
      post: (message) => this.#worker.post({ seat: number, message }),
      terminate: () => this.#leave(number, seat),
    };
  }

  #receive({ seat: number, message }: FromSeat): void {
    const seat = this.#seats.get(number);
    if (!seat) return;
    if (message.type === "closed") seat.isClosed = true;
    seat.handlers.onMessage(message);
    if (seat.isClosed && seat.lateTimer !== undefined) this.#free(number, seat);
  }

  /**
   * Where a stream has not answered, its thread may be in a native call that does not return,
   * and all others wait with it; or the stream was given little time.
   */
  #leave(number: number, seat: Seat): void {
    if (!this.#seats.has(number) || seat.lateTimer !== undefined) return;
    if (!seat.isTaken || this.#seats.size === 1) return this.#free(number, seat);
    seat.lateTimer = setTimeout(() => {
      this.#seats.delete(number);
      this.#die("it shared its thread with a stream that did not answer any more");
    }, HUNG_AFTER);
  }

  #free(number: number, seat: Seat): void {
    clearTimeout(seat.lateTimer);
    this.#seats.delete(number);
    if (this.#seats.size === 0) this.#end();
  }

  #die(message: string, lack?: Lack): void {
    this.#end();
    const seats = [...this.#seats.values()];
    this.#seats.clear();
    for (const { handlers, lateTimer } of seats) {
      clearTimeout(lateTimer);
      handlers.onError(message, lack);
    }
  }

  #end(): void {
    this.#worker.terminate();
    this.#onEnd();
  }
}
