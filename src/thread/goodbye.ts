/**
 * The end of the process: servers are told goodbye, and files are completed, as far as
 * that can be done in an instant.
 *
 * Only in the thread that the program began in. In a `Worker` of the program's, it is not
 * known whether the process ends.
 *
 * @module
 */

import type { ControlBlock } from "../core/shared/control_block.ts";
import { now } from "../core/timing/clock.ts";
import { runtime } from "../runtime/mod.ts";
import { completeFiles } from "./file_completion.ts";
import { SignalWatch } from "./signal_watch.ts";

/** A background thread that may have a connection or a file open. */
export interface Leaver {
  readonly control: ControlBlock;
  /** Asks it to end the attempt when it has done what was asked of it before. */
  askToEnd(): void;
}

/** Milliseconds that the end of the process may take longer. */
const PATIENCE_MS = 200;
/** Of them, for frames that are still in a queue; then servers are told goodbye. */
const QUEUE_MS = 110;
/** Of them, for frames that go into a file; then it is completed as it is. */
const FILE_MS = 160;
/** Until then the end of a file is waited for: the disk may be slow, and half an end is none. */
const FILE_PATIENCE_MS = 1_000;

const threads = new Set<Leaver>();
let isInstalled = false;
let signals: SignalWatch | undefined;

/** Watches a thread until `forgetLeaver`. */
export function watchLeaver(thread: Leaver): void {
  if (!runtime.isMainThread) return;
  threads.add(thread);
  if (isInstalled) return;
  isInstalled = true;
  runtime.onExit(sayGoodbye);
}

/** The thread is gone, or does not answer. */
export function forgetLeaver(thread: Leaver): void {
  if (threads.delete(thread) && threads.size === 0) signals?.forget();
}

/**
 * The thread has answered: signals are watched from then on. A program that never lets
 * its messages in would not get a signal either, and could not be ended by it.
 */
export function heardFrom(thread: Leaver): void {
  if (threads.has(thread)) (signals ??= new SignalWatch(sayGoodbye, tellThreads)).begin();
}

/** Whether a signal ends the process although its main thread lets no events in. */
function tellThreads(signalsEnd: boolean): void {
  for (const { control } of threads) control.signalsEnd = signalsEnd;
}

function sayGoodbye(): void {
  const begin = now();
  const leaving = new Set([...threads].filter(({ control }) => !control.giveUpStart()));
  for (const thread of leaving) thread.askToEnd();
  awaitAll(leaving, begin + QUEUE_MS);
  for (const { control } of leaving) if (!control.file.isOpen) control.requestStop();
  awaitAll(leaving, begin + FILE_MS);
  for (const { control } of leaving) control.requestStop();
  completeFiles([...leaving].map(({ control }) => control.file), begin + FILE_PATIENCE_MS);
  // Such a thread has nothing open any more, whatever it is busy with.
  for (const thread of leaving) if (thread.control.file.isTaken) leaving.delete(thread);
  awaitAll(leaving, begin + PATIENCE_MS);
  threads.clear();
}

/** Takes out of the set who is done. */
function awaitAll(leaving: Set<Leaver>, deadline: number): void {
  for (const thread of leaving) {
    while (leaving.has(thread)) {
      const rest = deadline - now();
      if (thread.control.blockWhileBusy(Math.max(0, rest))) leaving.delete(thread);
      else if (rest <= 0) break;
    }
  }
}
