/**
 * The oldest runtimes that can be used.
 *
 * @module
 */

import { LibavError } from "./errors.ts";

/**
 * Deno before 2.7.6 does not end `Atomics.waitAsync` when another thread notifies, so that
 * frames come once in many seconds; Bun before 1.3 and Node before 24 have no `DisposableStack`.
 */
export const LEAST_VERSIONS = { Deno: "2.7.6", Bun: "1.3.0", Node: "24.0.0" } as const;
/** From here on Node has `node:ffi` without a flag. */
export const LEAST_NODE_FFI = "26.9.0";

/**
 * Refuses a runtime that is too old, for it would fail without a word.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED`
 */
export function assertNotTooOld(runtime: keyof typeof LEAST_VERSIONS, version: string): void {
  const least = LEAST_VERSIONS[runtime];
  if (!isOlder(version, least)) return;
  throw new LibavError(
    "LIBAV_UNSUPPORTED",
    `${runtime} ${version} is too old: this package needs ${runtime} ${least} or newer`,
  );
}

/** Compares the first three numbers; a preview of a version is taken for it. */
export function isOlder(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => (text.match(/\d+/g) ?? []).map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (have![i] ?? Infinity) - want![i]!;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
