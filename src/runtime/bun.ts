/**
 * What Bun does: it has no permissions.
 *
 * @module
 */

import process from "node:process";
import type { Runtime } from "./types.ts";
import { spawnWebWorker } from "./web_worker.ts";

/** As far as it is used. */
const bun = (globalThis as { Bun?: { readonly isMainThread: boolean } }).Bun;

/** Flags with which Bun sends a program SIGTERM when a file was changed. */
const RELOADS = /^--(watch|hot)$/;

export const runtime: Runtime = {
  isMainThread: bun?.isMainThread ?? false,
  onExit(leave) {
    process.on("exit", leave);
  },
  hasListener(signal) {
    return process.listenerCount(signal) > 0;
  },
  watchSignal(signal, onSignal) {
    // Then it says that the program is about to begin anew, and must not end it.
    if (signal === "SIGTERM" && process.execArgv.some((flag) => RELOADS.test(flag))) {
      return () => {};
    }
    const listener = () => onSignal(process.listenerCount(signal) > 1);
    // Those of the program's that listen once are not there any more when they are called.
    process.prependListener(signal, listener);
    return () => void process.off(signal, listener);
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
