/**
 * What Bun does: it has no permissions.
 *
 * @module
 */

import type { Runtime } from "./types.ts";
import { spawnWebWorker } from "./web_worker.ts";

export const runtime: Runtime = {
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
