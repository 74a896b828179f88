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

class Seat {
  readonly handlers: WorkerHandlers;
  readonly #control: ControlBlock<ReadCounter>;
  readonly #since = now();
  /** It has said its last word. */
  isClosed = false;

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
  }

  /** Where a stream has not answered, its thread is in a native call, and so are all others. */
  #leave(number: number, seat: Seat): void {
    if (!this.#seats.delete(number)) return;
    if (seat.isTaken) this.#die("it shared its thread with a stream that did not answer any more");
    else if (this.#seats.size === 0) this.#end();
  }

  #die(message: string, lack?: Lack): void {
    this.#end();
    const seats = [...this.#seats.values()];
    this.#seats.clear();
    for (const { handlers } of seats) handlers.onError(message, lack);
  }

  #end(): void {
    this.#worker.terminate();
    this.#onEnd();
  }
}
