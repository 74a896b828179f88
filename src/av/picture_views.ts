/**
 * How the pictures of a stream are to be shown: its display matrix and the shape of its
 * pixels.
 *
 * @module
 */

import { type Libav, type Pointer, unpackRational } from "../../ffi/mod.ts";
import { type Orientation, orientationOf, UPRIGHT } from "../core/frame/orientation.ts";
import { type PictureView, saneRatio } from "../core/frame/picture_view.ts";
import type { AvFrame } from "./frame.ts";

/** `AV_PKT_DATA_DISPLAYMATRIX` and `AV_FRAME_DATA_DISPLAYMATRIX`. */
const PACKET_MATRIX = 5;
const FRAME_MATRIX = 6;
const MATRIX_NUMBERS = 9;
/** `AVFrameSideData.data`, behind an enum. */
const DATA = 8;

/** Of one stream of an input. Borrowed: valid while the input is open. */
export class PictureViews {
  readonly #libav: Libav;
  readonly #context: Pointer;
  readonly #stream: Pointer;
  /** What the container says; from FFmpeg 7.1 on, the decoder puts it at every picture. */
  readonly matrix: Int32Array | undefined;
  readonly #orientation: Orientation;

  constructor(libav: Libav, context: Pointer, stream: Pointer) {
    this.#libav = libav;
    this.#context = context;
    this.#stream = stream;
    const found = libav.optional.av_stream_get_side_data?.(stream, PACKET_MATRIX, null) ?? null;
    this.matrix = found === null ? undefined : this.#read(found);
    this.#orientation = this.matrix ? orientationOf(this.matrix) : UPRIGHT;
  }

  /** Of a decoded picture. */
  of(picture: AvFrame): PictureView {
    const { symbols, optional, memory } = this.#libav;
    const told = symbols.av_frame_get_side_data(picture.pointer, FRAME_MATRIX);
    const matrix = told === null ? null : memory.readPointer(told, DATA);
    const ratio = optional.av_guess_sample_aspect_ratio?.(
      this.#context,
      this.#stream,
      picture.pointer,
    );
    return {
      orientation: matrix === null ? this.#orientation : orientationOf(this.#read(matrix)),
      sampleAspectRatio: ratio === undefined ? 1 : saneRatio(unpackRational(ratio)),
    };
  }

  #read(at: Pointer): Int32Array {
    const { memory } = this.#libav;
    return Int32Array.from({ length: MATRIX_NUMBERS }, (_, i) => memory.readI32(at, i * 4));
  }
}

/** Puts a display matrix at a stream that is written. */
export function writeMatrix(libav: Libav, stream: Pointer, matrix: Int32Array): void {
  // Newer releases have copied it with the parameters.
  const length = BigInt(matrix.byteLength);
  const at = libav.optional.av_stream_new_side_data?.(stream, PACKET_MATRIX, length) ?? null;
  if (at === null) return;
  matrix.forEach((number, i) => libav.memory.writeI32(at, i * 4, number));
}
