/**
 * Copies a picture and turns it on the way.
 *
 * @module
 */

import type { Libav } from "../../ffi/mod.ts";
import { type PixelFormat, samplesOf } from "../core/frame/formats.ts";
import type { Size } from "../core/frame/geometry.ts";
import { type Orientation, type Turn, turnOf } from "../core/frame/orientation.ts";
import type { AvFrame } from "./frame.ts";

/** Where a plane is. */
export interface PlaneAt {
  readonly address: bigint;
  readonly stride: number;
}

/** What is copied by one call: a row or a column of samples. */
interface Line {
  /** Its places in both planes, and from one sample to the next. */
  readonly to: bigint;
  readonly toStep: number;
  readonly from: bigint;
  readonly fromStep: number;
  readonly bytes: number;
  readonly count: number;
}

/** Turns pictures of one size and format. */
export class Turner {
  readonly #libav: Libav;
  readonly #format: PixelFormat;
  readonly #size: Size;
  readonly #turn: Turn;

  /** @param size of the turned picture */
  constructor(libav: Libav, format: PixelFormat, size: Size, orientation: Orientation) {
    this.#libav = libav;
    this.#format = format;
    this.#size = size;
    this.#turn = turnOf(orientation);
  }

  /** @param planes of the target, in libav's order */
  copy(picture: AvFrame, planes: readonly PlaneAt[]): void {
    const { symbols } = this.#libav;
    const { width, height } = this.#size;
    samplesOf(this.#format, width, height).forEach((samples, plane) => {
      for (const line of this.#lines(picture.plane(plane), planes[plane]!, samples)) {
        const { to, toStep, from, fromStep, bytes, count } = line;
        symbols.av_image_copy_plane(to, toStep, from, fromStep, bytes, count);
      }
    });
  }

  *#lines(
    from: PlaneAt,
    to: PlaneAt,
    { width, height, bytes }: { width: number; height: number; bytes: number },
  ): Iterable<Line> {
    const { transposed, flipX, flipY } = this.#turn;
    const last = (length: number, flipped: boolean) => flipped ? length - 1 : 0;
    const at = (column: number, row: number) =>
      from.address + BigInt(column * bytes + row * from.stride);
    if (transposed) {
      // Rows of the target are columns of the picture.
      const fromStep = flipX ? -from.stride : from.stride;
      for (let row = 0; row < height; row++) {
        yield {
          ...{ to: to.address + BigInt(row * to.stride), toStep: bytes },
          ...{ from: at(flipY ? height - 1 - row : row, last(width, flipX)), fromStep },
          ...{ bytes, count: width },
        };
      }
      return;
    }
    const fromStep = flipY ? -from.stride : from.stride;
    const first = last(height, flipY);
    if (!flipX) {
      const whole = { bytes: width * bytes, count: height };
      yield { to: to.address, toStep: to.stride, from: at(0, first), fromStep, ...whole };
      return;
    }
    for (let column = 0; column < width; column++) {
      yield {
        ...{ to: to.address + BigInt(column * bytes), toStep: to.stride },
        ...{ from: at(width - 1 - column, first), fromStep },
        ...{ bytes, count: height },
      };
    }
  }
}
