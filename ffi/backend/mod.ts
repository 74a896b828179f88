/**
 * Picks the backend of the running runtime, once per thread.
 *
 * @module
 */

import { BunBackend } from "./bun.ts";
import { DenoBackend } from "./deno.ts";
import { hostProcess } from "./host_process.ts";
import { KoffiBackend } from "./koffi.ts";
import { NodeBackend } from "./node.ts";
import { usableRuntime } from "./this_runtime.ts";
import type { FfiBackend } from "./types.ts";

let loaded: FfiBackend | undefined;

/**
 * The backend of this runtime.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED` in a runtime without a usable FFI, or one that is too old
 */
export function loadBackend(): FfiBackend {
  return loaded ??= pick();
}

function pick(): FfiBackend {
  switch (usableRuntime()) {
    case "Bun":
      return new BunBackend(hostProcess());
    case "Deno":
      return new DenoBackend();
    case "Node":
      return NodeBackend.load(hostProcess()) ?? KoffiBackend.load(hostProcess());
  }
}
