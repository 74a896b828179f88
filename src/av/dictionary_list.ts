/**
 * An array of AVDictionary, one for each stream.
 *
 * @module
 */

import { cString, type Libav, type NativeBuffer, nativeBytes } from "../../ffi/mod.ts";

const POINTER_BYTES = 8;

/** The same options so many times. Owned: free it. */
export class DictionaryList implements Disposable {
  readonly #libav: Libav;
  readonly #cells: NativeBuffer;

  constructor(libav: Libav, count: number, entries: Readonly<Record<string, string>>) {
    this.#libav = libav;
    // libav takes no notice of an array for no streams, but an address needs memory.
    this.#cells = nativeBytes(POINTER_BYTES * Math.max(1, count));
    for (const [key, value] of Object.entries(entries)) {
      for (let i = 0; i < count; i++) {
        libav.symbols.av_dict_set(this.#cell(i), cString(key), cString(value), 0);
      }
    }
  }

  /** The `AVDictionary **` that calls take: the first of the array. */
  get reference(): NativeBuffer {
    return this.#cells;
  }

  #cell(index: number): NativeBuffer {
    return this.#cells.subarray(POINTER_BYTES * index, POINTER_BYTES * (index + 1));
  }

  [Symbol.dispose](): void {
    const count = this.#cells.byteLength / POINTER_BYTES;
    for (let i = 0; i < count; i++) this.#libav.symbols.av_dict_free(this.#cell(i));
  }
}
