/**
 * The file that the system's loader has found.
 *
 * @module
 */

import { nativeBytes } from "../backend/memory.ts";
import { type FfiBackend, fn } from "../backend/types.ts";

const DYNAMIC_LOADER = {
  // int dladdr(const void *addr, Dl_info *info);
  dladdr: fn("i32", "pointer", "buffer"),
} as const;
/** `Dl_info` is four pointers, of which the first is `const char *dli_fname`. */
const DL_INFO_BYTES = 32;

/**
 * The file of a loaded library that was opened by its name alone; where the
 * system does not tell, that name.
 *
 * @param libc the C library, which has `dladdr`, before glibc 2.34 a library of its own
 * @param symbol any function of the library
 */
export function loadedFile(
  backend: FfiBackend,
  libc: string,
  name: string,
  symbol: string,
): string {
  if (/[\\/]/.test(name)) return name;
  for (const loader of [libc, "libdl.so.2"]) {
    try {
      const { symbols } = backend.open(loader, DYNAMIC_LOADER);
      const info = nativeBytes(DL_INFO_BYTES);
      if (symbols.dladdr(backend.symbolAddress(name, symbol), info) === 0) continue;
      const file = backend.readPointer(backend.pointerOf(info), 0);
      if (file !== null) return backend.readString(file);
    } catch {
      continue;
    }
  }
  return name;
}
