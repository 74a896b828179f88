/**
 * The oldest runtimes that can be used.
 *
 * @module
 */

import { LibavError } from "./errors.ts";

/**
 * Deno before 2.7.6 does not end `Atomics.waitAsync` when another thread notifies, so that
 * frames come once in many seconds; Bun before 1.3 and Node before 24 have no `DisposableStack`.
 * The field `engines` of package.json says the same.
 */
export const LEAST_VERSIONS = { Deno: "2.7.6", Bun: "1.3.0", Node: "24.0.0" } as const;
/** From here on Node has `node:ffi` without a flag. */
export const LEAST_NODE_FFI = "26.9.0";
/** Of the package koffi, by which a Node without `node:ffi` calls native libraries. */
export const LEAST_KOFFI = "3.3.4";

export type RuntimeName = keyof typeof LEAST_VERSIONS;

/** What a user does about a runtime that is too old. */
const REMEDIES: Readonly<Record<RuntimeName, string>> = {
  Deno: `Deno ${LEAST_VERSIONS.Deno} or newer: run "deno upgrade"`,
  Bun: `Bun ${LEAST_VERSIONS.Bun} or newer: run "bun upgrade"`,
  Node: `Node ${LEAST_NODE_FFI} or newer, or Node ${LEAST_VERSIONS.Node} or newer with the ` +
    `package koffi: install one of them`,
};

/**
 * Refuses a runtime that is too old, for it would fail without a word.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED`
 */
export function assertNotTooOld(runtime: RuntimeName, version: string): void {
  if (!isOlder(version, LEAST_VERSIONS[runtime])) return;
  throw new LibavError(
    "LIBAV_UNSUPPORTED",
    `${runtime} ${version} is too old: this package needs ${REMEDIES[runtime]}`,
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
