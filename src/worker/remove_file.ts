/**
 * Removes a file that was created in vain.
 *
 * @module
 */

import { hostProcess } from "../runtime/host_process.ts";
import { runtime } from "../runtime/mod.ts";

/** Removes a file, where that is permitted; libav has no function for it. */
export function removeFile(path: string): void {
  try {
    if (!runtime.mayWrite(path)) return;
    // Not by an import: in Deno it takes longer to load than a thread to begin.
    hostProcess().getBuiltinModule("node:fs").rmSync(path, { force: true });
  } catch {
    // Why it was made in vain is what the program has to know.
  }
}
