/**
 * What Bun does: it has no permissions.
 *
 * @module
 */

import { processEnd } from "./process_end.ts";
import type { Runtime } from "./types.ts";
import { spawnWebWorker } from "./web_worker.ts";

/** As far as it is used. */
const bun = (globalThis as { Bun?: { readonly isMainThread: boolean } }).Bun;

export const runtime: Runtime = {
  isMainThread: bun?.isMainThread ?? false,
  ...processEnd,
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
