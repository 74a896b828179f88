/**
 * Where the background thread of a stream or writer comes from.
 *
 * @module
 */

import type { ControlBlock } from "../core/shared/control_block.ts";
import type { Counter } from "../core/shared/counters.ts";
import type { BackgroundWorker, WorkerHandlers } from "../runtime/types.ts";

/** @typeParam C the counters of the thread's role */
export interface ThreadSource<C extends Counter = never> {
  /** What the thread runs. */
  readonly module: URL;
  /** Whether several streams use a thread: it goes on when one of them has ended. */
  readonly isShared: boolean;
  spawn(handlers: WorkerHandlers, control: ControlBlock<C>): BackgroundWorker;
}
