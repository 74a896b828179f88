/**
 * An AVPacket: compressed data of one frame.
 *
 * @module
 */

import { type Libav, type Pointer, PointerCell } from "../../ffi/mod.ts";

const AV_PKT_FLAG_KEY = 1;
const AV_PKT_FLAG_CORRUPT = 2;

/** `AV_NOPTS_VALUE`: no time is known. */
export const NOPTS = -(2n ** 63n);

/** Owned: dispose of it. */
export class Packet implements Disposable {
  readonly pointer: Pointer;
  readonly #libav: Libav;
  readonly #cell: PointerCell;

  constructor(libav: Libav) {
    this.#libav = libav;
    this.#cell = new PointerCell(libav.backend, libav.symbols.av_packet_alloc());
    const pointer = this.#cell.value;
    if (pointer === null) throw new Error("Cannot allocate a packet: out of memory");
    this.pointer = pointer;
  }

  get streamIndex(): number {
    return this.#libav.memory.readI32(this.pointer, this.#libav.layout.AVPacket.stream_index);
  }

  get size(): number {
    return this.#libav.memory.readI32(this.pointer, this.#libav.layout.AVPacket.size);
  }

  get pts(): bigint {
    return this.#libav.memory.readI64(this.pointer, this.#libav.layout.AVPacket.pts);
  }

  set pts(pts: bigint) {
    this.#libav.memory.writeI64(this.pointer, this.#libav.layout.AVPacket.pts, pts);
  }

  get keyframe(): boolean {
    return (this.#flags & AV_PKT_FLAG_KEY) !== 0;
  }

  get corrupt(): boolean {
    return (this.#flags & AV_PKT_FLAG_CORRUPT) !== 0;
  }

  /** The compressed bytes, in memory of our own. */
  copyData(): Uint8Array<ArrayBuffer> {
    const { memory, layout: { AVPacket } } = this.#libav;
    const data = memory.readPointer(this.pointer, AVPacket.data);
    return memory.copyOut(data ?? this.pointer, data === null ? 0 : this.size);
  }

  /** Copies the compressed bytes to the beginning of `target`. */
  copyTo(target: Uint8Array): void {
    const { memory, layout: { AVPacket } } = this.#libav;
    const data = memory.readPointer(this.pointer, AVPacket.data);
    if (data !== null) memory.copyTo(target, data, this.size);
  }

  /**
   * Refers to bytes of our own, which whoever takes the packet copies. They must
   * stay as they are until then.
   */
  wrap(bytes: Uint8Array, pts: bigint, keyframe: boolean): void {
    const { memory, backend, layout: { AVPacket } } = this.#libav;
    memory.writePointer(this.pointer, AVPacket.data, backend.pointerOf(bytes));
    memory.writeI32(this.pointer, AVPacket.size, bytes.length);
    memory.writeI64(this.pointer, AVPacket.pts, pts);
    memory.writeI32(this.pointer, AVPacket.flags, keyframe ? AV_PKT_FLAG_KEY : 0);
  }

  /** Gives the data back; the packet can be filled again. */
  unref(): void {
    this.#libav.symbols.av_packet_unref(this.pointer);
  }

  get #flags(): number {
    return this.#libav.memory.readI32(this.pointer, this.#libav.layout.AVPacket.flags);
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.av_packet_free(this.#cell.buffer);
  }
}
