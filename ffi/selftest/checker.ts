/**
 * The parts of the self-test: tiny inputs, and comparisons that refuse an FFmpeg.
 *
 * @module
 */

import { LibavError } from "../backend/errors.ts";
import { cString, PointerCell } from "../backend/memory.ts";
import type { Pointer } from "../backend/types.ts";
import type { Libav } from "../libav.ts";

export const WIDTH = 6;
export const HEIGHT = 4;
export const FRAME_BYTES = WIDTH * HEIGHT;
/** Four pictures of zeros in base64. */
const DATA_LENGTH = FRAME_BYTES * 4 / 3 * 4;
export const RATE = "7/3";
const LOWEST_ADDRESS = 0x10000n;

/** Compares what is found at an offset with what must be there. */
export class LayoutChecker {
  readonly #libav: Libav;

  constructor(libav: Libav) {
    this.#libav = libav;
  }

  /** Opens four raw grey pictures of `WIDTH` x `HEIGHT` at `RATE`. */
  openPicture(cell: PointerCell): number {
    const { symbols, backend } = this.#libav;
    const options = new PointerCell(backend);
    const set = (key: string, value: string) =>
      symbols.av_dict_set(options.buffer, cString(key), cString(value), 0);
    set("video_size", `${WIDTH}x${HEIGHT}`);
    set("pixel_format", "gray");
    set("framerate", RATE);
    const opened = this.openData(cell, "rawvideo", "A".repeat(DATA_LENGTH), options);
    symbols.av_dict_free(options.buffer);
    return opened;
  }

  /** Opens bytes with a demuxer; returns libav's code. */
  openData(cell: PointerCell, demuxer: string, base64: string, options?: PointerCell): number {
    const { symbols } = this.#libav;
    const format = this.object(
      `the demuxer ${demuxer}`,
      symbols.av_find_input_format(cString(demuxer)),
    );
    const url = cString(`data:application/octet-stream;base64,${base64}`);
    return symbols.avformat_open_input(cell.buffer, url, format, options?.buffer ?? null);
  }

  /** AV_PIX_FMT_GRAY8. */
  gray(): number {
    return this.#libav.symbols.av_get_pix_fmt(cString("gray"));
  }

  /** An AVRational as text. */
  rational(at: Pointer, offset: number): string {
    const { num, den } = this.#libav.memory.readRational(at, offset);
    return `${num}/${den}`;
  }

  /** An address that can be followed: objects are aligned, and none is in the first pages. */
  object(name: string, pointer: Pointer | null): Pointer {
    if (pointer === null) this.refuse(name, "NULL", "an address");
    const address = this.#libav.backend.addressOf(pointer);
    if (address < LOWEST_ADDRESS || address % 4n !== 0n) this.refuse(name, address, "an address");
    return pointer;
  }

  /** @throws {LibavError} They differ. */
  expect(field: string, found: unknown, expected: unknown): void {
    if (found !== expected) this.refuse(field, found, expected);
  }

  refuse(field: string, found: unknown, expected: unknown): never {
    const { version, release } = this.#libav;
    throw new LibavError(
      "LIBAV_UNSUPPORTED",
      `Cannot use FFmpeg ${version}: its libraries do not match the memory layout of ` +
        `release ${release} (${field} is ${found}, expected ${expected})`,
    );
  }
}
