/**
 * The few things that the runtimes do differently, beside FFI.
 *
 * @module
 */

import { runtime as bun } from "./bun.ts";
import { runtime as deno } from "./deno.ts";
import { runtime as node } from "./node.ts";
import type { Runtime } from "./types.ts";

export const runtime: Runtime = "Deno" in globalThis ? deno : "Bun" in globalThis ? bun : node;
