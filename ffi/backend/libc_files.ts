/**
 * Where the C library is.
 *
 * @module
 */

import type { Platform } from "./types.ts";

/** The C library; candidates in order. */
export function libcFiles(platform: Platform): readonly string[] {
  switch (platform.os) {
    case "darwin":
      return ["/usr/lib/libSystem.B.dylib"];
    case "windows":
      return ["C:\\Windows\\System32\\ucrtbase.dll", "C:\\Windows\\System32\\msvcrt.dll"];
    case "freebsd":
      return ["libc.so.7"];
    default:
      return [
        "libc.so.6",
        `libc.musl-${platform.arch}.so.1`,
        `/lib/ld-musl-${platform.arch}.so.1`,
      ];
  }
}
