/**
 * How a stream wants its pictures to be shown.
 *
 * @module
 */

import {
  type Fit,
  frameSize,
  place,
  type Placement,
  type Size,
  type WantedSize,
} from "./geometry.ts";
import { type Orientation, turnedSize, turnOf, UPRIGHT } from "./orientation.ts";

/** What is told of a coded picture. */
export interface PictureView {
  readonly orientation: Orientation;
  /** Width of a coded pixel, divided by its height. */
  readonly sampleAspectRatio: number;
}

/** Which of it is done. */
export interface ViewOptions {
  readonly autorotate: boolean;
  readonly squarePixels: boolean;
}

/** No camera's pixels are longer; it is a mistake. */
const LONGEST = 8;
/** What is nearer to a square is one: encoders round. */
const SQUARE = 0.005;

/** A declared ratio, if pixels can have it; else that of squares. */
export function saneRatio({ num, den }: { readonly num: number; readonly den: number }): number {
  const ratio = num / den;
  if (!(ratio >= 1 / LONGEST && ratio <= LONGEST)) return 1;
  return Math.abs(ratio - 1) < SQUARE ? 1 : ratio;
}

/** How pictures are turned. */
export function usedOrientation(view: PictureView, { autorotate }: ViewOptions): Orientation {
  return autorotate ? view.orientation : UPRIGHT;
}

/** Width of a pixel by its height, of the picture as it is turned. */
export function turnedRatio(ratio: number, orientation: Orientation): number {
  return turnOf(orientation).transposed ? 1 / ratio : ratio;
}

/**
 * The size of a picture with square pixels, not rounded: of those that are too wide, there
 * are more in a row; of those that are too narrow, there are more rows.
 */
export function shownSize({ width, height }: Size, ratio: number): Size {
  return ratio >= 1 ? { width: width * ratio, height } : { width, height: height / ratio };
}

/** What becomes of a picture. */
export interface PictureLayout {
  /** How it is turned. */
  readonly orientation: Orientation;
  /** The picture's size when it is turned. */
  readonly picture: Size;
  /** Width of a pixel by its height when it is turned. */
  readonly sampleAspectRatio: number;
  /** Of the turned picture. */
  readonly placement: Placement;
}

/** How pictures are to be laid out. */
export interface LayoutOptions extends ViewOptions, WantedSize {
  readonly fit: Fit;
}

/** Lays a coded picture out. */
export function layOut(coded: Size, view: PictureView, options: LayoutOptions): PictureLayout {
  const orientation = usedOrientation(view, options);
  const picture = turnedSize(coded, orientation);
  const sampleAspectRatio = turnedRatio(view.sampleAspectRatio, orientation);
  const shape = shapeOf(picture, sampleAspectRatio, options);
  const placement = place(picture, frameSize(picture, options, shape), options.fit, shape);
  return { orientation, picture, sampleAspectRatio, placement };
}

/** The size of a turned picture with square pixels, or as it is. */
export function shapeOf(picture: Size, ratio: number, { squarePixels }: ViewOptions): Size {
  return squarePixels ? shownSize(picture, ratio) : picture;
}
