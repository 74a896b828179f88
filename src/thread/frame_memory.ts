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

const registry = new FinalizationRegistry<Span>((span) => {
  span.state = "collected";
  settle(span);
});

/**
 * Spans without a user, by their length. They are kept: an ArrayBuffer that was
 * transferred when its frame was not valid any more may still refer to one.
 */
const spare = new Map<number, Span[]>();

function settle(span: Span): void {
  if (span.lent) return;
  if (span.state === "ended") loadHeap().free(span.pointer);
  if (span.state !== "collected") return;
  loadHeap().discard(span.pointer, span.byteLength);
  const others = spare.get(span.byteLength);
  if (others) others.push(span);
  else spare.set(span.byteLength, [span]);
}

function takeSpan(byteLength: number): Span {
  const reused = spare.get(byteLength)?.pop();
  if (reused) return Object.assign(reused, { state: "used" });
  return { pointer: loadHeap().allocate(byteLength), byteLength, lent: false, state: "used" };
}

let transfers = false;

/**
 * Whether the program has transferred the buffer of a frame. Memory that was
 * transferred is never freed; so that this happens once and not with every
 * frame, the program gets copies from then on.
 */
export function programTransfers(): boolean {
  return transfers;
}

/** The memory of one frame. */
export class FrameMemory {
  /** What the program sees of it. */
  readonly buffer: ArrayBuffer;
  /** What a background thread knows of it. */
  readonly address: bigint;
  readonly #span: Span;

  /** @throws {RangeError} There is not so much memory. */
  constructor(byteLength: number) {
    const backend = loadBackend();
    this.#span = takeSpan(byteLength);
    this.address = backend.addressOf(this.#span.pointer);
    this.buffer = backend.bufferAt(this.#span.pointer, byteLength);
    registry.register(this.buffer, this.#span, this);
  }

  get byteLength(): number {
    return this.#span.byteLength;
  }

  /** Whether a background thread may use it. It is not freed as long as that is so. */
  set lent(lent: boolean) {
    this.#span.lent = lent;
    settle(this.#span);
  }

  /** Whether the program has transferred its buffer: then it is the program's, for ever. */
  get transferred(): boolean {
    if (this.buffer.detached && this.#span.state === "used") {
      transfers = true;
      this.#span.state = "transferred";
      registry.unregister(this);
    }
    return this.#span.state === "transferred";
  }

  /** The program has no valid frame in it. Views of frames that are not valid become empty. */
  end(): void {
    if (this.transferred || this.#span.state !== "used") return;
    registry.unregister(this);
    this.buffer.transfer();
    this.#span.state = "ended";
    settle(this.#span);
  }
}
