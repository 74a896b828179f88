/**
 * Keeps libraries in the process. Deno and Node close those of a thread with it; loading
 * and relocating them again would cost the next thread 40 ms.
 *
 * @module
 */

import { cString } from "./memory.ts";
import { fn, type NativeBuffer, type Platform } from "./types.ts";

/** `RTLD_LAZY | RTLD_NODELETE`, where the loader knows how to keep a library. */
const FLAGS: Partial<Record<Platform["os"], number>> = {
  linux: 0x1 | 0x1000,
  darwin: 0x1 | 0x80,
  freebsd: 0x1 | 0x2000,
};
/** Libraries with `dlopen` in them: before glibc 2.34 it has one of its own. */
const FILES: Partial<Record<Platform["os"], readonly string[]>> = {
  linux: ["libc.so.6", "libdl.so.2"],
  darwin: ["/usr/lib/libSystem.B.dylib"],
  freebsd: ["libc.so.7"],
};

export const LOADER = {
  // void *dlopen(const char *filename, int flags);
  dlopen: fn("pointer", "buffer", "i32"),
} as const;

/** @param open the functions of a library, which is not kept by this itself */
export function keepLoaded(
  { os }: Platform,
  path: string,
  open: (file: string) => { dlopen(path: NativeBuffer, flags: number): unknown },
): void {
  const flags = FLAGS[os];
  if (flags === undefined) return;
  for (const file of FILES[os] ?? []) {
    try {
      open(file).dlopen(cString(path), flags);
      return;
    } catch {
      continue;
    }
  }
}
