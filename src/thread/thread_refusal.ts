/**
 * Why there can be no background thread here at all.
 *
 * @module
 */

import { LibavError } from "../../ffi/backend/errors.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { usableRuntime } from "../../ffi/backend/this_runtime.ts";
import { StreamError, type StreamErrorFields } from "../core/connection/errors.ts";
import { runtime } from "../runtime/mod.ts";
import type { Lack } from "../runtime/types.ts";

type Refusal = Pick<StreamErrorFields, "code" | "operation" | "reason">;

/**
 * Refuses a runtime that is too old before anything is made that it cannot make.
 *
 * @param url of the stream, redacted
 * @throws {StreamError} `LIBAV_UNSUPPORTED`
 */
export function assertUsableRuntime(url: string): void {
  const refusal = refusalOf(usableRuntime);
  if (refusal) throw new StreamError({ ...refusal, url });
}

/** What another attempt would not change: no FFI, or a program that is not permitted to use it. */
export function threadRefusal(module: URL): Refusal | undefined {
  const flags = runtime.missingFlags(module);
  return flags.length === 0 ? refusalOf(loadBackend) : permissionDenied(...flags);
}

/**
 * A thread that could not begin.
 *
 * @param message the runtime's own words
 */
export function lackRefusal(lack: Lack, message: string): Refusal {
  if (lack !== "module") return permissionDenied(lack);
  const reason = `the background thread's module, or a part of it, is not there ` +
    `(${message.split("\n", 1)[0]}): install the package anew; for a bundle, install its form ` +
    `on npm, which has its threads in its own text`;
  return { code: "WORKER_MISSING", operation: "start", reason };
}

function permissionDenied(...flags: readonly string[]): Refusal {
  const reason = `the background thread is not permitted: run the program with ${flags.join(" ")}`;
  return { code: "PERMISSION_DENIED", operation: "start", reason };
}

function refusalOf(load: () => unknown): Refusal | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    if (!(error instanceof LibavError)) throw error;
    return { code: error.code, operation: "start", reason: error.message };
  }
}
