/**
 * The bytes that an input is read from: an AVIOContext.
 *
 * @module
 */

import { type Libav, nativeBytes, type Pointer } from "../../ffi/mod.ts";

/** `<stdio.h>`. */
const SEEK_SET = 0;
const SEEK_CUR = 1;

/** Borrowed: valid while the input is open. */
export class InputBytes {
  readonly #libav: Libav;
  readonly #data: Pointer | null;

  /** @param data null where a demuxer makes its own connections */
  constructor(libav: Libav, data: Pointer | null) {
    this.#libav = libav;
    this.#data = data;
  }

  /** Bytes of the whole; undefined where that is not known. */
  get size(): number | undefined {
    const size = this.#data === null ? -1n : this.#libav.symbols.avio_size(this.#data);
    return size > 0n ? Number(size) : undefined;
  }

  /**
   * Whether data is missing where reading has come to its end: a container takes the
   * end of its connection for its own.
   */
  get endsEarly(): boolean {
    const { symbols } = this.#libav;
    if (this.#data === null || this.size === undefined) return false;
    if (symbols.avio_read(this.#data, nativeBytes(1), 1) > 0) return false;
    return this.#position < this.size;
  }

  /** The next bytes, which stay unread; so few that they are in the buffer. */
  peek(count: number): Uint8Array {
    if (this.#data === null) return new Uint8Array();
    const { symbols } = this.#libav;
    const begin = this.#position;
    const bytes = nativeBytes(count);
    const length = symbols.avio_read(this.#data, bytes, count);
    symbols.avio_seek(this.#data, BigInt(begin), SEEK_SET);
    return bytes.subarray(0, Math.max(0, length));
  }

  get #position(): number {
    return Number(this.#data && this.#libav.symbols.avio_seek(this.#data, 0n, SEEK_CUR));
  }
}
