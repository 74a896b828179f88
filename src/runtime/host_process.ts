/**
 * Node's `process`, which is a global in all runtimes.
 *
 * @module
 */

import type process from "node:process";

/**
 * What `node:process` exports. An import would load the module in every background thread:
 * in Deno, that takes as much processor time as the thread itself.
 */
export function hostProcess(): typeof process {
  return (globalThis as unknown as { process: typeof process }).process;
}
