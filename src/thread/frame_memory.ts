/**
 * Memory of frames. It is native: memory of an isolate is freed with the isolate,
 * and a background thread would still write to it.
 *
 * It is freed when nobody can use it any more: no background thread has it in a slot,
 * and the program has no view of it. Where that is not certain it is not freed.
 *
 * @module
 */

import { loadHeap } from "../../ffi/backend/heap.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import type { Pointer } from "../../ffi/backend/types.ts";

/** A piece of native memory, and who uses it. */
interface Span {
  readonly pointer: Pointer;
  readonly byteLength: number;
  /** A background thread has its address. */
  lent: boolean;
  /**
   * - `used`: there is an ArrayBuffer of it
   * - `ended`: no ArrayBuffer refers to it
   * - `collected`: as `ended`; but the program may have transferred the ArrayBuffer
   * - `transferred`: it belongs to another ArrayBuffer, of the program's
   */
  state: "used" | "ended" | "collected" | "transferred";
}

/** Where memory for frames comes from. */
export class FramePool {
  /**
   * Whether the program has transferred the buffer of a frame. Memory that was
   * transferred is never freed; so that this happens once and not with every
   * frame, the program gets copies from then on.
   */
  transfers = false;
  /**
   * Spans without a user, by their length. They are kept: an ArrayBuffer that was
   * transferred when its frame was not valid any more may still refer to one.
   */
  readonly #spare = new Map<number, Span[]>();
  readonly #registry = new FinalizationRegistry<Span>((span) => {
    span.state = "collected";
    this.#settle(span);
  });

  /** @throws {RangeError} There is not so much memory. */
  allocate(byteLength: number): FrameMemory {
    const reused = this.#spare.get(byteLength)?.pop();
    const pointer = reused?.pointer ?? loadHeap().allocate(byteLength);
    const span: Span = { pointer, byteLength, lent: false, state: "used" };
    const memory = new FrameMemory(this, span);
    this.#registry.register(memory.buffer, span, span);
    return memory;
  }

  /**
   * Several of one size, or none.
   *
   * @throws {RangeError} There is not so much memory.
   */
  allocateAll(count: number, byteLength: number): FrameMemory[] {
    const all: FrameMemory[] = [];
    try {
      while (all.length < count) all.push(this.allocate(byteLength));
      return all;
    } catch (error) {
      for (const one of all) one.end();
      throw error;
    }
  }

  /** A background thread has it, or not any more. */
  lend(span: Span, lent: boolean): void {
    span.lent = lent;
    this.#settle(span);
  }

  /** It is not in use any more, or was transferred. */
  end(span: Span, state: "ended" | "transferred"): void {
    this.#registry.unregister(span);
    span.state = state;
    this.#settle(span);
  }

  #settle(span: Span): void {
    if (span.lent) return;
    if (span.state === "ended") loadHeap().free(span.pointer);
    if (span.state !== "collected") return;
    loadHeap().discard(span.pointer, span.byteLength);
    const others = this.#spare.get(span.byteLength);
    if (others) others.push(span);
    else this.#spare.set(span.byteLength, [span]);
  }
}

/** That of the program. */
export const framePool = new FramePool();

/** The memory of one frame; see `FramePool`. */
export class FrameMemory {
  /** What the program sees of it. */
  readonly buffer: ArrayBuffer;
  /** What a background thread knows of it. */
  readonly address: bigint;
  readonly #pool: FramePool;
  readonly #span: Span;

  constructor(pool: FramePool, span: Span) {
    const backend = loadBackend();
    this.#pool = pool;
    this.#span = span;
    this.address = backend.addressOf(span.pointer);
    this.buffer = backend.bufferAt(span.pointer, span.byteLength);
  }

  get byteLength(): number {
    return this.#span.byteLength;
  }

  /** Whether a background thread may use it. It is not freed as long as that is so. */
  set lent(lent: boolean) {
    this.#pool.lend(this.#span, lent);
  }

  /** Whether the program has transferred its buffer: then it is the program's, for ever. */
  get transferred(): boolean {
    if (this.buffer.detached && this.#span.state === "used") {
      this.#pool.transfers = true;
      this.#pool.end(this.#span, "transferred");
    }
    return this.#span.state === "transferred";
  }

  /** The program has no valid frame in it. Views of frames that are not valid become empty. */
  end(): void {
    if (this.transferred || this.#span.state !== "used") return;
    this.buffer.transfer();
    this.#pool.end(this.#span, "ended");
  }
}
