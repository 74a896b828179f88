/**
 * What is freed at the end of a thread by C alone. A runtime may end a background thread
 * at any moment, without another line of JavaScript: Bun does it when the isolate that has
 * begun the thread is gone.
 *
 * @module
 */

import type { NativeHeap } from "./heap.ts";
import { libcFiles } from "./libc_files.ts";
import { PointerCell } from "./memory.ts";
import { type FfiBackend, fn, type NativeFunctions, type Pointer } from "./types.ts";

/** The C++ ABI's, of glibc and FreeBSD; what is registered last is called first. */
const FUNCTIONS = {
  // int __cxa_thread_atexit_impl(void (*dtor)(void *), void *obj, void *dso_symbol);
  // The last is a place in the library that must stay until then. NULL is none: glibc takes it
  // in a thread's first call for one that it has looked up already, and crashes.
  __cxa_thread_atexit_impl: fn("i32", "pointer", "pointer", "pointer"),
} as const;

const CELL = 8;
const CELLS = 32;

/** Bytes of native memory in which a thread that ends leaves a mark; see `markThreadEnd`. */
export const END_MARK_BYTES = 144;
/** Of the mark: whether it will be made, and where it is made: a `sigset_t`, of 128 bytes at most. */
const PROMISED_AT = 0;
const MADE_AT = 8;

/** The mark of a thread, seen from another one. */
export class EndMark {
  readonly #bytes: Uint8Array;

  /** @param bytes that were 0 before the thread began */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether the thread makes a mark: where the C library cannot do it, it does not. */
  get promised(): boolean {
    return Atomics.load(this.#bytes, PROMISED_AT) !== 0;
  }

  /** Whether the thread has ended: it uses no memory any more. */
  get made(): boolean {
    return Atomics.load(this.#bytes, MADE_AT) !== 0;
  }
}

/** A cell that a C function is called with: `void free(T **)`, which frees what is not NULL. */
export class OwnedCell extends PointerCell {
  readonly #giveBack: (cell: OwnedCell) => void;

  constructor(backend: FfiBackend, at: Pointer, giveBack: (cell: OwnedCell) => void) {
    super(backend, null, new Uint8Array(backend.bufferAt(at, CELL)));
    this.#giveBack = giveBack;
  }

  /** There is nothing in it any more that must be freed. */
  release(): void {
    this.value = null;
    this.#giveBack(this);
  }
}

/**
 * Has C make a mark when the running thread ends, behind all that is freed then. Libraries
 * have few functions that write to an address and do nothing else.
 *
 * @param at so many bytes as `END_MARK_BYTES`, which last longer than the thread
 */
export function markThreadEnd(backend: FfiBackend, at: Pointer): void {
  for (const file of libcFiles(backend.platform)) {
    try {
      const { symbols } = backend.open(file, FUNCTIONS);
      const mark = backend.symbolAddress(file, "sigfillset");
      const made = backend.offset(at, MADE_AT);
      if (symbols.__cxa_thread_atexit_impl(mark, made, mark) !== 0) return;
      Atomics.store(new Uint8Array(backend.bufferAt(at, CELL)), PROMISED_AT, 1);
      return;
    } catch {
      continue;
    }
  }
}

/** Of the running thread. Where the C library cannot do it, nothing is freed at its end. */
export class ThreadEnd {
  readonly #backend: FfiBackend;
  readonly #heap: NativeHeap;
  readonly #functions: NativeFunctions<typeof FUNCTIONS> | undefined;
  /** libc's `free`. */
  readonly #free: Pointer | undefined;
  /** Cells that are not in use, by the address of their function. */
  readonly #spare = new Map<bigint, OwnedCell[]>();
  #room: Pointer | undefined;
  #used = CELLS;

  constructor(backend: FfiBackend, heap: NativeHeap) {
    this.#backend = backend;
    this.#heap = heap;
    for (const file of libcFiles(backend.platform)) {
      try {
        this.#functions = backend.open(file, FUNCTIONS).symbols;
        this.#free = backend.symbolAddress(file, "free");
        return;
      } catch {
        continue;
      }
    }
  }

  /** A cell with `value` in it, which `free` is called with when the thread ends. */
  cell(free: Pointer, value: Pointer | null): OwnedCell {
    const key = this.#backend.addressOf(free);
    const cell = this.#spare.get(key)?.pop() ?? this.#make(key, free);
    cell.value = value;
    return cell;
  }

  #make(key: bigint, free: Pointer): OwnedCell {
    const at = this.#place();
    this.#atEnd(free, at);
    return new OwnedCell(this.#backend, at, (cell) => {
      const others = this.#spare.get(key);
      if (others) others.push(cell);
      else this.#spare.set(key, [cell]);
    });
  }

  #place(): Pointer {
    if (this.#room === undefined || this.#used === CELLS) {
      this.#room = this.#heap.allocate(CELL * CELLS);
      this.#used = 0;
      // Before the cells in it, and so called behind them.
      if (this.#free) this.#atEnd(this.#free, this.#room);
    }
    return this.#backend.offset(this.#room, CELL * this.#used++);
  }

  #atEnd(free: Pointer, at: Pointer): void {
    this.#functions?.__cxa_thread_atexit_impl(free, at, free);
  }
}
