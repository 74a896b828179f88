/**
 * What Bun does: it has no permissions.
 *
 * @module
 */

import { shortName } from "./module_blob.ts";
import { processEnd } from "./process_end.ts";
import type { Runtime } from "./types.ts";
import { unrestricted } from "./unrestricted.ts";
import { spawnWebWorker } from "./web_worker.ts";

/** As far as it is used. */
const bun = (globalThis as { Bun?: { readonly isMainThread: boolean } }).Bun;

export const runtime: Runtime = {
  isMainThread: bun?.isMainThread ?? false,
  ...processEnd,
  ...unrestricted,
  spawnWorker: (module, handlers) => spawnWebWorker(shortName(module), handlers),
};
