/**
 * Converts pictures to the delivered format and size, straight into the memory
 * that the reader gets.
 *
 * @module
 */

import { cString, type Libav, nativeBytes, type Pointer } from "../../ffi/mod.ts";
import { isSubsampled, libavFormatName, type PixelFormat, planesOf } from "../core/formats.ts";
import type { Placement } from "../core/geometry.ts";
import { AvFrame, type PictureFormat } from "./frame.ts";

const SWS_BICUBIC = 4;
const AVCOL_RANGE_MPEG = 1;
const AVCOL_RANGE_JPEG = 2;
const AVCOL_SPC_RGB = 0;
const AVCOL_SPC_UNSPECIFIED = 2;
/** `SWS_CS_DEFAULT` (ITU-R BT.601), what libswscale assumes of a stream that does not say. */
const SWS_CS_DEFAULT = 5;
/** Contrast and saturation 1.0 in 16.16 fixed point. */
const UNITY = 1 << 16;
const MAX_PLANES = 4;

/**
 * An SwsContext by its options: the ranges must be known before it is set up,
 * or a copy is taken to be all that is needed.
 */
function makeContext(libav: Libav, options: Readonly<Record<string, number>>): Pointer {
  const { symbols } = libav;
  const context = symbols.sws_alloc_context();
  if (context === null) throw new Error("Cannot allocate a scaler: out of memory");
  for (const [name, value] of Object.entries(options)) {
    symbols.av_opt_set_int(context, cString(name), BigInt(value), 0);
  }
  if (symbols.sws_init_context(context, null, null) < 0) {
    symbols.sws_freeContext(context);
    throw new Error(`Cannot convert pixel format ${options.src_format} to ${options.dst_format}`);
  }
  return context;
}

/** What pictures are made into. */
export interface ScalerTarget {
  readonly format: PixelFormat;
  readonly placement: Placement;
  /** YUV with 0 … 255 in place of 16 … 235, as JPEG has it. */
  readonly fullRange?: boolean;
}

/**
 * One SwsContext and the plane pointers of the target. Made for one picture
 * format; another one needs another scaler. Owned: dispose of it.
 */
export class Scaler implements Disposable {
  readonly #libav: Libav;
  readonly #context: Pointer;
  readonly #source: PictureFormat;
  readonly #format: PixelFormat;
  readonly #placement: Placement;
  readonly #offsets: readonly bigint[];
  readonly #planes = nativeBytes(MAX_PLANES * 8);
  readonly #planeView = new BigUint64Array(this.#planes.buffer);
  readonly #strides = nativeBytes(MAX_PLANES * 4);
  /** Only for a source that is cut: a second reference whose edges are moved. */
  readonly #cut: AvFrame | undefined;

  constructor(libav: Libav, source: PictureFormat, { format, placement, fullRange }: ScalerTarget) {
    const { frame, target, source: part } = placement;
    const toFullRange = fullRange ?? !isSubsampled(format);
    const context = makeContext(libav, {
      srcw: part.width,
      srch: part.height,
      src_format: source.pixelFormat,
      src_range: source.colorRange === AVCOL_RANGE_JPEG ? 1 : 0,
      dstw: target.width,
      dsth: target.height,
      dst_format: libav.symbols.av_get_pix_fmt(cString(libavFormatName(format))),
      dst_range: toFullRange ? 1 : 0,
      sws_flags: SWS_BICUBIC,
    });
    this.#libav = libav;
    this.#context = context;
    this.#source = source;
    this.#format = format;
    this.#placement = placement;
    const planes = planesOf(format, frame.width, frame.height, target.x, target.y);
    this.#offsets = planes.map((plane) => BigInt(plane.offset));
    new Int32Array(this.#strides.buffer).set(planes.map((plane) => plane.stride));
    const cut = part.width !== source.width || part.height !== source.height;
    this.#cut = cut ? new AvFrame(libav) : undefined;
    this.#setColors(toFullRange);
  }

  /** Whether this scaler is the right one for a picture. */
  accepts(source: PictureFormat): boolean {
    const own = this.#source;
    return source.width === own.width && source.height === own.height &&
      source.pixelFormat === own.pixelFormat && source.colorSpace === own.colorSpace &&
      source.colorRange === own.colorRange;
  }

  /** Whether bars are left around the picture, which `clear` makes black. */
  get leavesBars(): boolean {
    const { frame, target } = this.#placement;
    return target.width !== frame.width || target.height !== frame.height;
  }

  /** Makes a whole target black. */
  clear(address: bigint): void {
    const { symbols, backend } = this.#libav;
    const { frame } = this.#placement;
    const planes = planesOf(this.#format, frame.width, frame.height);
    const pointers = nativeBytes(MAX_PLANES * 8);
    const strides = nativeBytes(MAX_PLANES * 8);
    new BigUint64Array(pointers.buffer).set(planes.map((plane) => address + BigInt(plane.offset)));
    new BigInt64Array(strides.buffer).set(planes.map((plane) => BigInt(plane.stride)));
    symbols.av_image_fill_black(
      backend.pointerOf(pointers),
      backend.pointerOf(strides),
      symbols.av_get_pix_fmt(cString(libavFormatName(this.#format))),
      AVCOL_RANGE_MPEG,
      frame.width,
      frame.height,
    );
  }

  /**
   * Converts a picture into the memory at `address`, which needs 64 bytes more
   * than the picture: swscale writes past tight rows.
   */
  convert(picture: AvFrame, address: bigint): void {
    const { symbols, backend } = this.#libav;
    this.#offsets.forEach((offset, plane) => this.#planeView[plane] = address + offset);
    if (this.#cut) {
      this.#cut.reference(picture);
      this.#cut.crop(this.#placement.source);
    }
    const source = this.#cut ?? picture;
    symbols.sws_scale(
      this.#context,
      source.planes,
      source.strides,
      0,
      this.#placement.source.height,
      backend.pointerOf(this.#planes),
      backend.pointerOf(this.#strides),
    );
    this.#cut?.unref();
  }

  /** libswscale takes BT.601 and limited range for granted unless it is told. */
  #setColors(fullRange: boolean): void {
    const { colorSpace, colorRange } = this.#source;
    const known = colorSpace !== AVCOL_SPC_UNSPECIFIED && colorSpace !== AVCOL_SPC_RGB;
    const { symbols } = this.#libav;
    const table = symbols.sws_getCoefficients(known ? colorSpace : SWS_CS_DEFAULT);
    symbols.sws_setColorspaceDetails(
      this.#context,
      table,
      colorRange === AVCOL_RANGE_JPEG ? 1 : 0,
      table,
      fullRange ? 1 : 0,
      0,
      UNITY,
      UNITY,
    );
  }

  [Symbol.dispose](): void {
    this.#cut?.[Symbol.dispose]();
    this.#libav.symbols.sws_freeContext(this.#context);
  }
}
