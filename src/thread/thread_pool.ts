/**
 * The threads of streams: one of its own, or one that many share.
 *
 * @module
 */

import type { ControlBlock } from "../core/shared/control_block.ts";
import type { ReadCounter } from "../core/shared/counters.ts";
import type { BackgroundWorker, WorkerHandlers } from "../runtime/types.ts";
import { SeatedThread } from "./seated_thread.ts";
import type { ThreadSource } from "./thread_source.ts";
import { READ_WORKER } from "./worker_modules.ts";

/** For a stream that blocks its thread. */
export const threadOfItsOwn: ThreadSource<ReadCounter> = {
  module: READ_WORKER,
  isShared: false,
  spawn: (handlers, control) => new SeatedThread(() => {}).take(handlers, control),
};

/** As many threads as can work at the same time, and no more than there are streams. */
class ThreadPool implements ThreadSource<ReadCounter> {
  readonly module = READ_WORKER;
  readonly isShared = true;
  readonly #most: number;
  readonly #threads = new Set<SeatedThread>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The stream goes to the thread that has the least to do. */
  spawn(handlers: WorkerHandlers, control: ControlBlock<ReadCounter>): BackgroundWorker {
    return this.#leastBusy().take(handlers, control);
  }

  #leastBusy(): SeatedThread {
    if (this.#threads.size < this.#most) {
      const thread = new SeatedThread(() => this.#threads.delete(thread));
      this.#threads.add(thread);
      return thread;
    }
    const [first, ...others] = this.#threads;
    return others.reduce((least, thread) => thread.load < least.load ? thread : least, first!);
  }
}

/** For all other streams of the program. A runtime that is too old may have no `navigator`. */
export const threadPool: ThreadSource<ReadCounter> = new ThreadPool(
  Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 0),
);
