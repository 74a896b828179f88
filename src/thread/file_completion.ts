/**
 * Completes the files of background threads that cannot do it in time.
 *
 * @module
 */

import { loadBackend } from "../../ffi/backend/mod.ts";
import { openNativeThreads } from "../../ffi/backend/native_thread.ts";
import type { OpenFile } from "../core/shared/open_file.ts";
import { now } from "../core/timing/clock.ts";

/** Milliseconds from one look at what is under way to the next. */
const LOOK_MS = 1;

/**
 * Takes over those files that are open and completes them, each in a native thread: a disk that
 * does not answer holds up that thread alone. Blocks until all of it is done, or the deadline
 * by `now()`.
 */
export function completeFiles(all: readonly OpenFile[], deadline: number): void {
  const files = all.filter(({ isOpen }) => isOpen);
  if (files.length === 0) return;
  const backend = loadBackend();
  const threads = openNativeThreads(backend);
  if (!threads) return;
  const calls: (() => boolean)[] = [];
  for (const file of files) {
    const completion = file.take(deadline - now());
    const call = completion && backend.fromAddress(completion.call);
    const argument = completion && backend.fromAddress(completion.argument);
    if (call && argument) calls.push(threads.begin(call, argument));
  }
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (calls.some((isOver) => !isOver()) && now() < deadline) Atomics.wait(clock, 0, 0, LOOK_MS);
}
