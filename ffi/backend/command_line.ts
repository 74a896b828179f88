/**
 * The command that has begun this process. Runtimes do not tell the flags that are theirs.
 *
 * @module
 */

import { libcFiles } from "./libc_files.ts";
import { cString, nativeBytes } from "./memory.ts";
import { type FfiBackend, fn } from "./types.ts";

const FILES = {
  // FILE *fopen(const char *pathname, const char *mode);
  fopen: fn("pointer", "buffer", "buffer"),
  // size_t fread(void *ptr, size_t size, size_t nmemb, FILE *stream);
  fread: fn("usize", "buffer", "usize", "usize", "pointer"),
  // int fclose(FILE *stream);
  fclose: fn("i32", "pointer"),
} as const;
/** crt_externs.h of macOS. */
const ARGUMENTS = {
  // int *_NSGetArgc(void);
  _NSGetArgc: fn("pointer"),
  // char ***_NSGetArgv(void);
  _NSGetArgv: fn("pointer"),
} as const;

const COMMAND = "/proc/self/cmdline";
const MAX_BYTES = 65_536;
const POINTER = 8;

/** Its words; none where they cannot be had. */
export function commandLine(backend: FfiBackend): readonly string[] {
  const { os } = backend.platform;
  if (os !== "linux" && os !== "darwin") return [];
  for (const file of libcFiles(backend.platform)) {
    try {
      return os === "linux" ? fromFile(backend, file) : fromSystem(backend, file);
    } catch {
      continue;
    }
  }
  return [];
}

/** See proc(5). */
function fromFile(backend: FfiBackend, libc: string): string[] {
  const { symbols } = backend.open(libc, FILES);
  const file = symbols.fopen(cString(COMMAND), cString("r"));
  if (file === null) return [];
  const bytes = nativeBytes(MAX_BYTES);
  const count = Number(symbols.fread(bytes, 1n, BigInt(MAX_BYTES), file));
  symbols.fclose(file);
  return new TextDecoder().decode(bytes.subarray(0, count)).split("\0").slice(0, -1);
}

function fromSystem(backend: FfiBackend, libc: string): string[] {
  const { symbols } = backend.open(libc, ARGUMENTS);
  const [count, list] = [symbols._NSGetArgc(), symbols._NSGetArgv()];
  const words = list && backend.readPointer(list, 0);
  if (count === null || !words) return [];
  return Array.from({ length: backend.readI32(count, 0) }, (_, at) => {
    const word = backend.readPointer(words, at * POINTER);
    return word === null ? "" : backend.readString(word);
  });
}
