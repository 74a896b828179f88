/**
 * Addresses have 64 bits everywhere in this package, as they have in every Deno and Bun.
 *
 * @module
 */

import { LibavError } from "./errors.ts";

/** Node's names of processors with 32 bits. */
const NARROW: ReadonlySet<string> = new Set(["arm", "ia32", "mips", "mipsel", "ppc", "s390"]);

/**
 * Refuses a 32-bit runtime.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED`
 */
export function assertWide(runtime: string, arch: string): void {
  if (!NARROW.has(arch)) return;
  throw new LibavError(
    "LIBAV_UNSUPPORTED",
    `This ${runtime} is a 32-bit program (${arch}), and no 32-bit runtime can call FFmpeg's ` +
      `libraries: Deno and Bun exist for 64 bits only. If the processor has 64 bits, install a ` +
      `64-bit system with a 64-bit runtime on it, as there is of Raspberry Pi OS`,
  );
}
