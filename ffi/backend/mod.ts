/**
 * Picks the backend of the running runtime, once per thread.
 *
 * @module
 */

import { BunBackend } from "./bun.ts";
import { DenoBackend } from "./deno.ts";
import { LibavError } from "./errors.ts";
import { hostProcess } from "./host_process.ts";
import { LEAST_NODE_FFI, LEAST_VERSIONS } from "./least_version.ts";
import { NodeBackend } from "./node.ts";
import type { FfiBackend } from "./types.ts";
import { assertWide } from "./word_size.ts";

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
  if ("Bun" in globalThis) return BunBackend.load();
  if ("Deno" in globalThis) return DenoBackend.load();
  if (isNode()) {
    // Before its version: no newer Node would help.
    assertWide("Node", hostProcess().arch);
    return NodeBackend.load();
  }
  throw new LibavError(
    "LIBAV_UNSUPPORTED",
    `Cannot call native libraries in this runtime: run the program with Deno ` +
      `${LEAST_VERSIONS.Deno}, Bun ${LEAST_VERSIONS.Bun}, Node ${LEAST_NODE_FFI} or newer`,
  );
}

function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}
