/**
 * Why there can be no background thread here at all.
 *
 * @module
 */

import { LibavError } from "../../ffi/backend/errors.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import type { StreamErrorFields } from "../core/connection/errors.ts";
import { runtime } from "../runtime/mod.ts";

/** What another attempt would not change: an old runtime, or one that is not permitted to do it. */
export function threadRefusal(
  module: URL,
): Pick<StreamErrorFields, "code" | "operation" | "reason"> | undefined {
  try {
    loadBackend();
  } catch (error) {
    if (!(error instanceof LibavError)) throw error;
    return { code: error.code, operation: "start", reason: error.message };
  }
  const flags = runtime.missingFlags(module);
  return flags.length === 0 ? undefined : permissionDenied(...flags);
}

/** A thread that lacks flags of the runtime. */
export function permissionDenied(
  ...flags: readonly string[]
): Pick<StreamErrorFields, "code" | "operation" | "reason"> {
  const reason = `the background thread is not permitted: run the program with ${flags.join(" ")}`;
  return { code: "PERMISSION_DENIED", operation: "start", reason };
}
