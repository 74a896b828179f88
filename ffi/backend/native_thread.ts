/**
 * A C function in a thread of its own, without a line of JavaScript in it: whoever has begun
 * it can wait for it for as long as it likes, and no longer.
 *
 * @module
 */

import { libcFiles } from "./libc_files.ts";
import { nativeBytes } from "./memory.ts";
import { type FfiBackend, fn, type Pointer } from "./types.ts";

const FUNCTIONS = {
  // int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start_routine)(void *), void *arg);
  pthread_create: fn("i32", "buffer", "pointer", "pointer", "pointer"),
} as const;

/** Of glibc and musl. */
const LOOK = {
  // int pthread_tryjoin_np(pthread_t thread, void **retval);
  pthread_tryjoin_np: fn("i32", "usize", "pointer"),
} as const;

/** Before glibc 2.34 they are in a library of their own. */
const BESIDE_LIBC = "libpthread.so.0";
/** More than a `pthread_t` has on any system. */
const THREAD_BYTES = 16;

/** Calls a function in a thread of its own. */
export interface NativeThreads {
  /**
   * Begins to call a function, of one pointer, and does not wait for it.
   *
   * @returns whether it has returned; false for ever where that cannot be told
   */
  begin(call: Pointer, argument: Pointer): () => boolean;
}

/** Undefined where there are no threads of this kind: on Windows. */
export function openNativeThreads(backend: FfiBackend): NativeThreads | undefined {
  if (backend.platform.os === "windows") return undefined;
  for (const file of [...libcFiles(backend.platform), BESIDE_LIBC]) {
    try {
      const { pthread_create } = backend.open(file, FUNCTIONS).symbols;
      const look = openLook(backend, file);
      return {
        begin(call, argument) {
          const thread = nativeBytes(THREAD_BYTES);
          if (pthread_create(thread, null, call, argument) !== 0) return () => false;
          const id = new DataView(thread.buffer).getBigUint64(0, true);
          let over = false;
          // A thread that was joined once is no thread any more.
          return () => over ||= look?.(id, null) === 0;
        },
      };
    } catch {
      continue;
    }
  }
  return undefined;
}

function openLook(backend: FfiBackend, file: string) {
  try {
    return backend.open(file, LOOK).symbols.pthread_tryjoin_np;
  } catch {
    return undefined;
  }
}
