/**
 * Removes a file that was created in vain.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { runtime } from "../runtime/mod.ts";

/** Removes a file, where that is permitted; libav has no function for it. */
export function removeFile(path: string): void {
  try {
    if (runtime.mayWrite(path)) rmSync(path, { force: true });
  } catch {
    // Why it was made in vain is what the program has to know.
  }
}
