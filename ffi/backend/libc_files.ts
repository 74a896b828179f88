/**
 * Where the C library is.
 *
 * @module
 */

import type { FfiBackend, NativeLibrary, Platform, SymbolTable } from "./types.ts";

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

/** What was opened, by its table: opening costs more than a call. */
const parts = new WeakMap<SymbolTable, object>();

/** Functions of the C library that not every system has; undefined where one is missing. */
export function libcPart<const T extends SymbolTable>(
  backend: FfiBackend,
  table: T,
): NativeLibrary<T>["symbols"] | undefined {
  const part = parts.get(table) ?? openPart(backend, table);
  if (part) parts.set(table, part);
  return part as NativeLibrary<T>["symbols"] | undefined;
}

function openPart(backend: FfiBackend, table: SymbolTable): object | undefined {
  for (const file of libcFiles(backend.platform)) {
    try {
      return backend.open(file, table).symbols;
    } catch {
      continue;
    }
  }
  return undefined;
}
