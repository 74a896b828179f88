/**
 * The bytes of native memory that a background thread has beside its slots: the stop byte,
 * and the mark of its end. They outlive the thread, so it says by C alone when it is over,
 * long after the last word of its JavaScript.
 *
 * @module
 */

import { setTimeout } from "node:timers";
import { loadHeap } from "../../ffi/backend/heap.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { END_MARK_BYTES, EndMark } from "../../ffi/backend/thread_end.ts";
import type { Pointer } from "../../ffi/backend/types.ts";
import { STOP_BYTES } from "../core/shared/control_block.ts";

/** Milliseconds from one look at the threads that have not ended to the next. */
const LOOK_MS = 20;
const MOST_LOOK_MS = 2_000;

/** Of one thread. */
export class ThreadMemory {
  readonly stop: Uint8Array;
  readonly address: bigint;
  readonly #pointer: Pointer;
  readonly #mark: EndMark;
  #left = false;

  /** @throws {Error} Native calls are not permitted. */
  constructor() {
    const backend = loadBackend();
    this.#pointer = loadHeap().allocate(STOP_BYTES + END_MARK_BYTES);
    this.address = backend.addressOf(this.#pointer);
    this.stop = new Uint8Array(backend.bufferAt(this.#pointer, STOP_BYTES));
    const mark = backend.offset(this.#pointer, STOP_BYTES);
    this.#mark = new EndMark(new Uint8Array(backend.bufferAt(mark, END_MARK_BYTES)));
  }

  /** Whether the thread has ended, for certain. */
  get unused(): boolean {
    return this.#mark.made;
  }

  /**
   * Nothing of it is used here any more. It is freed when the thread has ended, and where
   * that is never known, now or not at all. Only the first call counts.
   *
   * @param over the thread has said its last word
   * @param onEnd the thread has ended
   */
  leave(over: boolean, onEnd?: () => void): void {
    // A thread that was left behind may still say its last word.
    if (this.#left) return;
    this.#left = true;
    const end = () => {
      loadHeap().free(this.#pointer);
      onEnd?.();
    };
    if (this.#mark.promised) watch({ memory: this, end });
    else if (over) end();
  }
}

interface Left {
  readonly memory: ThreadMemory;
  readonly end: () => void;
}

const left = new Set<Left>();
let interval = LOOK_MS;
let waiting = false;

function watch(one: Left): void {
  left.add(one);
  interval = LOOK_MS;
  if (!waiting) look();
}

/** The program may end meanwhile. */
function look(): void {
  waiting = left.size > 0;
  if (!waiting) return;
  setTimeout(() => {
    interval = Math.min(interval * 2, MOST_LOOK_MS);
    for (const one of left) {
      if (!one.memory.unused) continue;
      left.delete(one);
      one.end();
    }
    look();
  }, interval).unref();
}
