/**
 * What Bun does: it has no permissions.
 *
 * @module
 */

import process from "node:process";
import { processEnd } from "./process_end.ts";
import type { Runtime } from "./types.ts";
import { spawnWebWorker } from "./web_worker.ts";

/** As far as it is used. */
const bun = (globalThis as { Bun?: { readonly isMainThread: boolean } }).Bun;

/** Flags with which Bun sends a program SIGTERM when a file was changed. */
const RELOADS = /^--(watch|hot)$/;

export const runtime: Runtime = {
  isMainThread: bun?.isMainThread ?? false,
  ...processEnd,
  watchSignal(signal, onSignal) {
    // Then it says that the program is about to begin anew, and must not end it.
    const reloads = signal === "SIGTERM" && process.execArgv.some((flag) => RELOADS.test(flag));
    return reloads ? () => {} : processEnd.watchSignal(signal, onSignal);
  },
  spawnWorker: spawnWebWorker,
  missingFlags() {
    return [];
  },
  mayLookUp() {
    return true;
  },
  mayWrite() {
    return true;
  },
};
