/**
 * Memory of the C library. It belongs to the process: it stays when the isolate
 * that has asked for it is gone.
 *
 * @module
 */

import { libcFiles } from "./libc_files.ts";
import { loadBackend } from "./mod.ts";
import { type FfiBackend, fn, type NativeFunctions, type Pointer } from "./types.ts";

const FUNCTIONS = {
  // void *calloc(size_t nmemb, size_t size);
  calloc: fn("pointer", "usize", "usize"),
  // void free(void *ptr);
  free: fn("void", "pointer"),
} as const;

const ADVICE = {
  // int madvise(void *addr, size_t length, int advice);
  madvise: fn("i32", "pointer", "usize", "i32"),
} as const;

/** On Linux the pages are gone at once; elsewhere it means less. */
const MADV_DONTNEED = 4;
/** Of the greatest pages that processors have: a part of a page is not given back. */
const PAGE = 0x10000n;

let loaded: NativeHeap | undefined;

/**
 * The heap of this process.
 *
 * @throws {Error} The C library cannot be loaded: native calls are not permitted.
 */
export function loadHeap(): NativeHeap {
  return loaded ??= new NativeHeap(loadBackend());
}

/** See `loadHeap`. */
export class NativeHeap {
  readonly #backend: FfiBackend;
  readonly #functions: NativeFunctions<typeof FUNCTIONS>;
  readonly #advice: NativeFunctions<typeof ADVICE> | undefined;

  constructor(backend: FfiBackend) {
    this.#backend = backend;
    const [file, functions] = openLibc(backend);
    this.#functions = functions;
    if (backend.platform.os === "linux") this.#advice = backend.open(file, ADVICE).symbols;
  }

  /**
   * Bytes that are 0.
   *
   * @throws {RangeError} There is not so much memory.
   */
  allocate(byteLength: number): Pointer {
    const pointer = this.#functions.calloc(1n, BigInt(byteLength));
    if (pointer === null) throw new RangeError(`Cannot allocate ${byteLength} bytes`);
    return pointer;
  }

  /** Nobody may use it any more. */
  free(pointer: Pointer): void {
    this.#functions.free(pointer);
  }

  /** The bytes are lost and the system has their memory back, yet the address can still be used. */
  discard(pointer: Pointer, byteLength: number): void {
    const address = this.#backend.addressOf(pointer);
    const begin = (address + PAGE - 1n) / PAGE * PAGE;
    const end = (address + BigInt(byteLength)) / PAGE * PAGE;
    if (end <= begin) return;
    this.#advice?.madvise(this.#backend.fromAddress(begin), end - begin, MADV_DONTNEED);
  }
}

function openLibc(backend: FfiBackend): [string, NativeFunctions<typeof FUNCTIONS>] {
  let reason: unknown;
  for (const file of libcFiles(backend.platform)) {
    try {
      return [file, backend.open(file, FUNCTIONS).symbols];
    } catch (error) {
      reason ??= error;
    }
  }
  throw reason;
}
