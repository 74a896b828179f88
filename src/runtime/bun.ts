/**
 * What Bun does: it has no permissions.
 *
 * @module
 */

import type { Runtime } from "./types.ts";

export const runtime: Runtime = {
  mayLookUp() {
    return true;
  },
  mayWrite() {
    return true;
  },
};
