/**
 * Converts pictures to the delivered format and size, straight into the memory
 * that the reader gets.
 *
 * @module
 */

import {
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  cString,
  type Libav,
  nativeBytes,
} from "../../ffi/mod.ts";
import {
  channelsOf,
  frameByteLength,
  isBlackZero,
  isSubsampled,
  libavFormatName,
  type PixelFormat,
  planesOf,
} from "../core/frame/formats.ts";
import type { Placement, Rect } from "../core/frame/geometry.ts";
import {
  codedPart,
  type Orientation,
  packOrientation,
  turnedSize,
  UPRIGHT,
} from "../core/frame/orientation.ts";
import { hasAlpha, makeOpaque } from "./alpha.ts";
import { AvFrame, type PictureFormat } from "./frame.ts";
import { FLOAT_CONTRAST, SwsContext, type SwsQuality } from "./sws.ts";
import { Turner } from "./turner.ts";

const MAX_PLANES = 4;
/** libswscale writes rows in pieces of that many pixels, the last one too. */
const PIECE = 32;
/**
 * Where rows are tight, it leaves out the last of these pieces that is not whole
 * (`h_size` in libswscale/x86/swscale.c).
 */
const ROW_PIECE = 8;

/**
 * What a model is given is the same with every FFmpeg: from 7.1 on there is a short cut
 * for bytes, but none for floats.
 */
const QUALITIES: Readonly<Partial<Record<PixelFormat, SwsQuality>>> = {
  "rgb-planar-u8": { accurate: true },
  "rgb-planar-f32": { contrast: FLOAT_CONTRAST },
};

/** By AVColorRange; there is none where the stream does not say. */
const FULL_RANGE: ReadonlyMap<number, boolean> = new Map([
  [AVCOL_RANGE_MPEG, false],
  [AVCOL_RANGE_JPEG, true],
]);

/** What pictures are made into. */
export interface ScalerTarget {
  readonly format: PixelFormat;
  /** Of the turned picture. */
  readonly placement: Placement;
  /** How pictures are turned; default: not at all. */
  readonly orientation?: Orientation | undefined;
  /** YUV with 0 … 255 in place of 16 … 235, as JPEG has it. */
  readonly fullRange?: boolean | undefined;
}

/**
 * One SwsContext and the plane pointers of the target. Made for one picture
 * format; another one needs another scaler. Owned: dispose of it.
 */
export class Scaler implements Disposable {
  readonly #libav: Libav;
  readonly #context: SwsContext;
  readonly #source: PictureFormat;
  readonly #format: PixelFormat;
  readonly #placement: Placement;
  /** The part of the coded picture that is used. */
  readonly #part: Rect;
  readonly #turner: Turner | undefined;
  readonly #offsets: readonly bigint[];
  readonly #planes = nativeBytes(MAX_PLANES * 8);
  readonly #planeView = new BigUint64Array(this.#planes.buffer);
  readonly #strides = nativeBytes(MAX_PLANES * 4);
  /** Only for a source that is cut: a second reference whose edges are moved. */
  readonly #cut: AvFrame | undefined;
  /** Where rows would be written too far, or not far enough: a picture with room behind them. */
  readonly #aside: AvFrame | undefined;
  readonly #pixelFormat: number;
  readonly #fullRange: boolean;
  /** Transparency would be handed on: frames have none. */
  readonly #dropsAlpha: boolean;

  constructor(libav: Libav, source: PictureFormat, made: ScalerTarget) {
    const { format, placement, fullRange, orientation = UPRIGHT } = made;
    const { frame, target } = placement;
    const part = codedPart(placement.source, source, orientation);
    const drawn = turnedSize(target, orientation);
    const turns = packOrientation(orientation) !== packOrientation(UPRIGHT);
    const { colorSpace, pixelFormat, colorRange } = source;
    this.#libav = libav;
    this.#pixelFormat = libav.symbols.av_get_pix_fmt(cString(libavFormatName(format)));
    this.#fullRange = fullRange ?? !isSubsampled(format);
    // One matrix for both: a picture that stays YUV keeps its colours.
    this.#context = new SwsContext(
      libav,
      { ...part, pixelFormat, colorSpace, fullRange: FULL_RANGE.get(colorRange) },
      {
        ...drawn,
        pixelFormat: this.#pixelFormat,
        colorSpace,
        fullRange: this.#fullRange,
      },
      QUALITIES[format],
    );
    this.#dropsAlpha = channelsOf(format) === 4 && hasAlpha(libav, pixelFormat);
    this.#source = source;
    this.#format = format;
    this.#placement = placement;
    this.#part = part;
    const planes = planesOf(format, frame.width, frame.height, target.x, target.y);
    this.#offsets = planes.map((plane) => BigInt(plane.offset));
    new Int32Array(this.#strides.buffer).set(planes.map((plane) => plane.stride));
    const cut = part.width !== source.width || part.height !== source.height;
    this.#cut = cut ? new AvFrame(libav) : undefined;
    const cutsRows = target.width % ROW_PIECE !== 0;
    if (turns || cutsRows || (this.leavesBars && target.width % PIECE !== 0)) {
      this.#aside = new AvFrame(libav);
      this.#aside.allocate(drawn, this.#pixelFormat);
    }
    if (turns) this.#turner = new Turner(libav, format, target, orientation);
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
    const { symbols, backend, memory } = this.#libav;
    const { frame } = this.#placement;
    if (isBlackZero(this.#format)) {
      const start = backend.fromAddress(address);
      if (start) memory.clear(start, frameByteLength(this.#format, frame.width, frame.height));
      return;
    }
    const planes = planesOf(this.#format, frame.width, frame.height);
    const pointers = nativeBytes(MAX_PLANES * 8);
    const strides = nativeBytes(MAX_PLANES * 8);
    new BigUint64Array(pointers.buffer).set(planes.map((plane) => address + BigInt(plane.offset)));
    new BigInt64Array(strides.buffer).set(planes.map((plane) => BigInt(plane.stride)));
    symbols.av_image_fill_black(
      backend.pointerOf(pointers),
      backend.pointerOf(strides),
      this.#pixelFormat,
      this.#fullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG,
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
      this.#cut.crop(this.#part);
    }
    const source = this.#cut ?? picture;
    const planes = backend.pointerOf(this.#planes);
    const strides = backend.pointerOf(this.#strides);
    symbols.sws_scale(
      this.#context.pointer,
      source.planes,
      source.strides,
      0,
      this.#part.height,
      this.#aside?.planes ?? planes,
      this.#aside?.strides ?? strides,
    );
    if (this.#turner && this.#aside) {
      const all = new Int32Array(this.#strides.buffer);
      const targets = this.#offsets.map((offset, plane) => ({
        address: address + offset,
        stride: all[plane]!,
      }));
      this.#turner.copy(this.#aside, targets);
    } else if (this.#aside) {
      const { width, height } = this.#placement.target;
      const { planes: from, strides: steps } = this.#aside;
      symbols.av_image_copy(planes, strides, from, steps, this.#pixelFormat, width, height);
    }
    this.#cut?.unref();
    const { frame } = this.#placement;
    if (this.#dropsAlpha) {
      makeOpaque(this.#libav, address, frameByteLength(this.#format, frame.width, frame.height));
    }
  }

  [Symbol.dispose](): void {
    this.#cut?.[Symbol.dispose]();
    this.#aside?.[Symbol.dispose]();
    this.#context[Symbol.dispose]();
  }
}
