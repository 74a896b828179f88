/**
 * An SwsContext: what libswscale converts with.
 *
 * @module
 */

import {
  AVCOL_SPC_RGB,
  AVCOL_SPC_UNSPECIFIED,
  cString,
  type Libav,
  nativeBytes,
  type Pointer,
} from "../../ffi/mod.ts";
import { outOfMemory } from "./check.ts";

const SWS_BICUBIC = 4;
const SWS_ACCURATE_RND = 0x40000;
/** `SWS_CS_DEFAULT` (ITU-R BT.601), what libswscale assumes of a stream that does not say. */
const SWS_CS_DEFAULT = 5;
/** Contrast and saturation 1.0 in 16.16 fixed point. */
const UNITY = 1 << 16;
/**
 * libswscale makes floats of 8 bits as v * 256 / 65535, so that white is not 1 but
 * 0.996; this puts it right.
 */
export const FLOAT_CONTRAST = UNITY * 257 / 256;

/** One side of a conversion. */
export interface SwsPicture {
  readonly width: number;
  readonly height: number;
  /** AVPixelFormat. */
  readonly pixelFormat: number;
  /** AVColorSpace. */
  readonly colorSpace: number;
  /**
   * YUV with 0 … 255 in place of 16 … 235; undefined where nothing says so: libswscale
   * knows it of some pixel formats, such as grey ones.
   */
  readonly fullRange: boolean | undefined;
}

/** What else is asked of a conversion. */
export interface SwsQuality {
  /** In 16.16 fixed point; default: 1.0. */
  readonly contrast?: number | undefined;
  /**
   * Whether chroma is interpolated between its samples, not repeated, where libswscale
   * has a short cut (`SWS_ACCURATE_RND`).
   */
  readonly accurate?: boolean | undefined;
}

/** Owned: dispose of it. */
export class SwsContext implements Disposable {
  readonly pointer: Pointer;
  readonly #libav: Libav;

  /** @throws {Error} libswscale has no such conversion. */
  constructor(
    libav: Libav,
    from: SwsPicture,
    to: SwsPicture,
    { contrast = UNITY, accurate = false }: SwsQuality = {},
  ) {
    this.#libav = libav;
    // By its options: the ranges must be known before it is set up, or a copy is
    // taken to be all that is needed.
    this.pointer = makeContext(libav, {
      srcw: from.width,
      srch: from.height,
      src_format: from.pixelFormat,
      src_range: from.fullRange ? 1 : 0,
      dstw: to.width,
      dsth: to.height,
      dst_format: to.pixelFormat,
      dst_range: to.fullRange ? 1 : 0,
      sws_flags: SWS_BICUBIC | (accurate ? SWS_ACCURATE_RND : 0),
    });
    const fullRange = from.fullRange ?? takesFullRange(libav, this.pointer);
    // libswscale takes BT.601 and limited range for granted unless it is told.
    libav.symbols.sws_setColorspaceDetails(
      this.pointer,
      this.#coefficients(from.colorSpace),
      fullRange ? 1 : 0,
      this.#coefficients(to.colorSpace),
      to.fullRange ? 1 : 0,
      0,
      contrast,
      UNITY,
    );
  }

  #coefficients(colorSpace: number): Pointer | null {
    const known = colorSpace !== AVCOL_SPC_UNSPECIFIED && colorSpace !== AVCOL_SPC_RGB;
    return this.#libav.symbols.sws_getCoefficients(known ? colorSpace : SWS_CS_DEFAULT);
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.sws_freeContext(this.pointer);
  }
}

/** What a context that is set up makes of its source's pixel format. */
function takesFullRange({ symbols }: Libav, context: Pointer): boolean {
  const range = nativeBytes(8);
  symbols.av_opt_get_int(context, cString("src_range"), 0, range);
  return new BigInt64Array(range.buffer)[0] !== 0n;
}

function makeContext(libav: Libav, options: Readonly<Record<string, number>>): Pointer {
  const { symbols } = libav;
  const context = symbols.sws_alloc_context();
  if (context === null) throw outOfMemory("a scaler");
  for (const [name, value] of Object.entries(options)) {
    symbols.av_opt_set_int(context, cString(name), BigInt(value), 0);
  }
  if (symbols.sws_init_context(context, null, null) < 0) {
    symbols.sws_freeContext(context);
    throw new Error(`Cannot convert pixel format ${options.src_format} to ${options.dst_format}`);
  }
  return context;
}
