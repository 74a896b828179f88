/**
 * When the program ends by an uncaught error, Deno frees the memory of the main
 * thread while background threads still write frames into it, and crashes. So
 * all writing is stopped before, and goes on if the program goes on.
 *
 * @module
 */

import { now } from "../core/control.ts";

/** A thread that writes into memory of the main thread. */
export interface Writer {
  /** No write begins while it is frozen; one that has begun is finished. */
  frozen: boolean;
  /** Whether a write is under way. */
  readonly writing: boolean;
}

/** A conversion takes a few milliseconds. */
const PATIENCE_MS = 250;

const writers = new Set<Writer>();
let installed = false;

/** Watches a thread until `unguard`. */
export function guard(writer: Writer): void {
  writers.add(writer);
  if (installed) return;
  installed = true;
  globalThis.addEventListener?.("error", pause);
  globalThis.addEventListener?.("unhandledrejection", pause);
  globalThis.addEventListener?.("unload", freeze);
}

export function unguard(writer: Writer): void {
  writers.delete(writer);
}

/** The program may have a handler of its own, and live on. */
function pause(): void {
  freeze();
  setTimeout(() => {
    for (const writer of writers) writer.frozen = false;
  });
}

function freeze(): void {
  for (const writer of writers) writer.frozen = true;
  const deadline = now() + PATIENCE_MS;
  while ([...writers].some((writer) => writer.writing) && now() < deadline);
}
