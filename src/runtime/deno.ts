/**
 * What only Deno does.
 *
 * @module
 */

import type { Runtime } from "./types.ts";
import { spawnWebWorker } from "./web_worker.ts";

export const runtime: Runtime = {
  spawnWorker: spawnWebWorker,
  mayLookUp(host) {
    // Asking for what is not granted would prompt in a terminal.
    return Deno.permissions.querySync({ name: "net", host }).state === "granted";
  },
  mayWrite(path) {
    return Deno.permissions.querySync({ name: "write", path }).state === "granted";
  },
};
