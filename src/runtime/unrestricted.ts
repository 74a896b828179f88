/**
 * A runtime that asks for no permissions.
 *
 * @module
 */

import type { Runtime } from "./types.ts";

export const unrestricted: Pick<Runtime, "missingFlags" | "mayLookUp" | "mayWrite"> = {
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
