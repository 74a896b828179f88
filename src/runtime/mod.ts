/**
 * The few things that the runtimes do differently, beside FFI.
 *
 * @module
 */

import { runtime as bun } from "./bun.ts";
import { runtime as deno } from "./deno.ts";

export interface Runtime {
  /** Whether a host name may be looked up without asking the user. */
  mayLookUp(host: string): boolean;
  /** Whether a file may be changed without asking the user. */
  mayWrite(path: string): boolean;
}

export const runtime: Runtime = "Deno" in globalThis ? deno : bun;
