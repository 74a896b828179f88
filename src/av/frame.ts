/**
 * An AVFrame: a decoded picture in libav's memory.
 *
 * @module
 */

import {
  AV_FRAME_FLAG_KEY,
  cString,
  type Libav,
  type OwnedCell,
  type Pointer,
} from "../../ffi/mod.ts";
import { libavFormatName, type PixelFormat, planesOf } from "../core/frame/formats.ts";
import type { Rect, Size } from "../core/frame/geometry.ts";
import { outOfMemory } from "./check.ts";

const AV_FRAME_FLAG_CORRUPT = 1;
const AV_FRAME_CROP_UNALIGNED = 1;

type IntField =
  | "width"
  | "height"
  | "format"
  | "flags"
  | "key_frame"
  | "colorspace"
  | "color_range"
  | "decode_error_flags";

/** Everything that a conversion depends on. */
export interface PictureFormat {
  readonly width: number;
  readonly height: number;
  /** AVPixelFormat. */
  readonly pixelFormat: number;
  /** AVColorSpace. */
  readonly colorSpace: number;
  /** AVColorRange. */
  readonly colorRange: number;
}

/** Owned: dispose of it. */
export class AvFrame implements Disposable {
  readonly pointer: Pointer;
  readonly #libav: Libav;
  readonly #cell: OwnedCell;

  constructor(libav: Libav) {
    this.#libav = libav;
    this.#cell = libav.ownedCell("av_frame_free", libav.symbols.av_frame_alloc());
    const pointer = this.#cell.value;
    if (pointer === null) throw outOfMemory("a frame");
    this.pointer = pointer;
  }

  get width(): number {
    return this.#int("width");
  }

  get height(): number {
    return this.#int("height");
  }

  get format(): PictureFormat {
    return {
      width: this.#int("width"),
      height: this.#int("height"),
      pixelFormat: this.#int("format"),
      colorSpace: this.#int("colorspace"),
      colorRange: this.#int("color_range"),
    };
  }

  get keyframe(): boolean {
    const { key_frame: field } = this.#libav.layout.AVFrame;
    return field >= 0 ? this.#int("key_frame") !== 0 : this.#hasFlag(AV_FRAME_FLAG_KEY);
  }

  /** Whether the decoder had to make up parts of it, or of what it refers to. */
  get damaged(): boolean {
    return this.#int("decode_error_flags") !== 0 || this.#hasFlag(AV_FRAME_FLAG_CORRUPT);
  }

  /** The presentation time in the packets' time base, guessed by libav where it is missing. */
  get timestamp(): bigint {
    const { memory, layout: { AVFrame } } = this.#libav;
    return memory.readI64(this.pointer, AVFrame.best_effort_timestamp);
  }

  set pts(pts: bigint) {
    this.#libav.memory.writeI64(this.pointer, this.#libav.layout.AVFrame.pts, pts);
  }

  /** `uint8_t *data[8]`. */
  get planes(): Pointer {
    return this.#libav.backend.offset(this.pointer, this.#libav.layout.AVFrame.data);
  }

  /** `int linesize[8]`. */
  get strides(): Pointer {
    return this.#libav.backend.offset(this.pointer, this.#libav.layout.AVFrame.linesize);
  }

  /** Where a plane is, and how far its rows are apart. */
  plane(number: number): { readonly address: bigint; readonly stride: number } {
    const { memory, backend, layout: { AVFrame } } = this.#libav;
    return {
      address: backend.addressOf(memory.readPointer(this.pointer, AVFrame.data + number * 8)),
      stride: memory.readI32(this.pointer, AVFrame.linesize + number * 4),
    };
  }

  /** Refers to a packed picture in our own memory, which libav copies from and never frees. */
  wrap(size: Size, format: PixelFormat, address: bigint): void {
    const { symbols, memory, backend, layout: { AVFrame } } = this.#libav;
    memory.writeI32(this.pointer, AVFrame.width, size.width);
    memory.writeI32(this.pointer, AVFrame.height, size.height);
    memory.writeI32(
      this.pointer,
      AVFrame.format,
      symbols.av_get_pix_fmt(cString(libavFormatName(format))),
    );
    planesOf(format, size.width, size.height).forEach(({ offset, stride }, plane) => {
      const start = backend.fromAddress(address + BigInt(offset));
      memory.writePointer(this.pointer, AVFrame.data + plane * 8, start);
      memory.writeI32(this.pointer, AVFrame.linesize + plane * 4, stride);
    });
  }

  /** Memory of its own for a picture of an AVPixelFormat. */
  allocate(size: Size, pixelFormat: number): void {
    const { symbols, memory, layout: { AVFrame } } = this.#libav;
    memory.writeI32(this.pointer, AVFrame.width, size.width);
    memory.writeI32(this.pointer, AVFrame.height, size.height);
    memory.writeI32(this.pointer, AVFrame.format, pixelFormat);
    if (symbols.av_frame_get_buffer(this.pointer, 0) < 0) {
      throw outOfMemory("a frame");
    }
  }

  /** Before an allocated picture is drawn again: other references keep the old one. */
  makeWritable(): void {
    this.#libav.symbols.av_frame_make_writable(this.pointer);
  }

  /** Refers to the same picture as `other`, in place of what it had. */
  reference(other: AvFrame): void {
    this.unref();
    this.#libav.symbols.av_frame_ref(this.pointer, other.pointer);
  }

  /** Keeps only a part of the picture, without moving a byte. */
  crop(part: Rect): void {
    const { symbols, memory, layout: { AVFrame } } = this.#libav;
    const right = this.width - part.x - part.width;
    const bottom = this.height - part.y - part.height;
    memory.writeI64(this.pointer, AVFrame.crop_left, BigInt(part.x));
    memory.writeI64(this.pointer, AVFrame.crop_top, BigInt(part.y));
    memory.writeI64(this.pointer, AVFrame.crop_right, BigInt(right));
    memory.writeI64(this.pointer, AVFrame.crop_bottom, BigInt(bottom));
    symbols.av_frame_apply_cropping(this.pointer, AV_FRAME_CROP_UNALIGNED);
  }

  unref(): void {
    this.#libav.symbols.av_frame_unref(this.pointer);
  }

  /** Layouts have no flags where `key_frame` is a field: nothing else in them is of use there. */
  #hasFlag(flag: number): boolean {
    return this.#libav.layout.AVFrame.flags >= 0 && (this.#int("flags") & flag) !== 0;
  }

  #int(field: IntField): number {
    return this.#libav.memory.readI32(this.pointer, this.#libav.layout.AVFrame[field]);
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.av_frame_free(this.#cell.buffer);
    this.#cell.release();
  }
}
