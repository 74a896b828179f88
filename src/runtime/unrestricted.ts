/**
 * A runtime that asks for no permissions.
 *
 * @module
 */

import type { Runtime } from "./types.ts";

export const unrestricted: Pick<Runtime, "missingFlags" | "mayLookUp" | "mayConnect" | "mayWrite"> =
  {
    missingFlags() {
      return [];
    },
    mayLookUp() {
      return true;
    },
    mayConnect() {
      return true;
    },
    mayWrite() {
      return true;
    },
  };
