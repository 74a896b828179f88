/**
 * When the program ends by an uncaught error, Deno frees the memory of the main
 * thread while background threads still use it, and crashes. So all use is stopped
 * first, and continues if the program continues.
 *
 * @module
 */

import { now } from "../core/timing/clock.ts";

/** A thread that uses memory of the main thread. */
export interface Guarded {
  /** No use begins while it is frozen; one that has begun is finished. */
  frozen: boolean;
  /** Whether a use is under way. */
  readonly busy: boolean;
}

/** A conversion takes a few milliseconds. */
const PATIENCE_MS = 250;

const threads = new Set<Guarded>();
let installed = false;

/** Watches a thread until `unguard`. */
export function guard(thread: Guarded): void {
  threads.add(thread);
  if (installed) return;
  installed = true;
  globalThis.addEventListener?.("error", pause);
  globalThis.addEventListener?.("unhandledrejection", pause);
  globalThis.addEventListener?.("unload", freeze);
}

export function unguard(thread: Guarded): void {
  threads.delete(thread);
}

/** The program may have a handler of its own, and live on. */
function pause(): void {
  freeze();
  setTimeout(() => {
    for (const thread of threads) thread.frozen = false;
  });
}

function freeze(): void {
  for (const thread of threads) thread.frozen = true;
  const deadline = now() + PATIENCE_MS;
  while ([...threads].some((thread) => thread.busy) && now() < deadline);
}
