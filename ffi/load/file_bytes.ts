/**
 * Bytes of a file, read by the C library: the runtime's own functions would ask for a
 * permission that libav does without.
 *
 * @module
 */

import { libcPart } from "../backend/libc_files.ts";
import { cString, nativeBytes } from "../backend/memory.ts";
import type { FfiBackend } from "../backend/types.ts";
import { stdio } from "../symbols/libc.ts";

const SEEK_SET = 0;

/** Reads some bytes at an offset; fewer at the end of the file, none where it cannot be read. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** Opens a file while `use` reads from it; a file that cannot be opened has no bytes. */
export function withFileBytes<T>(
  backend: FfiBackend,
  path: string,
  use: (read: ReadBytes) => T,
): T {
  const c = libcPart(backend, stdio);
  const file = c?.fopen(cString(path), cString("rb")) ?? null;
  if (!c || file === null) return use(() => new Uint8Array());
  try {
    return use((offset, length) => {
      if (length <= 0 || !Number.isSafeInteger(offset)) return new Uint8Array();
      if (c.fseek(file, BigInt(offset), SEEK_SET) !== 0) return new Uint8Array();
      const bytes = nativeBytes(length);
      return bytes.slice(0, Number(c.fread(bytes, 1n, BigInt(length), file)));
    });
  } finally {
    c.fclose(file);
  }
}
