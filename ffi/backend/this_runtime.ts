/**
 * Which runtime this is.
 *
 * @module
 */

import { LibavError } from "./errors.ts";
import { assertNotTooOld, LEAST_VERSIONS, type RuntimeName } from "./least_version.ts";
import { assertWide } from "./word_size.ts";

/** What runtimes are known by. */
interface Globals {
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly process?: {
    readonly versions?: { readonly bun?: string; readonly node?: string };
    readonly arch?: string;
  };
}

/**
 * The name of this runtime, which may be used.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED` in another runtime, one that is too old or has 32 bits
 */
export function usableRuntime(): RuntimeName {
  const { Deno: deno, process } = globalThis as Globals;
  // The others name a version of Node, too: the one that they are like.
  const versions: readonly (readonly [RuntimeName, string | undefined])[] = [
    ["Bun", process?.versions?.bun],
    ["Deno", deno?.version.deno],
    ["Node", process?.versions?.node],
  ];
  for (const [name, version] of versions) {
    if (version === undefined) continue;
    // Before its version: no newer one would help.
    assertWide(name, process?.arch ?? "");
    assertNotTooOld(name, version);
    return name;
  }
  const all = Object.entries(LEAST_VERSIONS).map(([name, version]) => `${name} ${version}`);
  throw new LibavError(
    "LIBAV_UNSUPPORTED",
    `Cannot call native libraries in this runtime: run the program with ${all.join(", ")} or newer`,
  );
}
