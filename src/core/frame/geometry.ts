/**
 * How an image of one size is fitted into a frame of another size.
 *
 * @module
 */

import { checkNumbers } from "./shape_check.ts";

/**
 * - `fill`: stretched to the frame
 * - `contain`: complete, with its aspect ratio and black bars at two sides
 * - `cover`: with its aspect ratio, cut at two sides so that it fills the frame
 */
export type Fit = "fill" | "contain" | "cover";

export const FITS: readonly Fit[] = ["fill", "contain", "cover"];

/** In pixels. */
export interface Size {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** A size that is asked for, or one side of it. */
export interface WantedSize {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** A part of a picture, in pixels from its upper left corner. */
export interface Rect extends Size {
  /** Of its left edge. */
  readonly x: number;
  /** Of its upper edge. */
  readonly y: number;
}

/** Which part of the picture goes to which part of the frame. */
export interface Placement {
  /** Size of the frame. */
  readonly frame: Size;
  /** The part of the picture that is used. */
  readonly source: Rect;
  /** The part of the frame that it fills; the rest is black. */
  readonly target: Rect;
}

/**
 * The frame's size: what was asked for; a side that was not follows from the
 * shape of the picture, rounded to an even number.
 *
 * @param shape the picture's size with square pixels
 */
export function frameSize(
  picture: Size,
  { width, height }: WantedSize = {},
  shape: Size = picture,
): Size {
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined) {
    return { width, height: even(shape.height * width / shape.width) };
  }
  if (height !== undefined) {
    return { width: even(shape.width * height / shape.height), height };
  }
  return {
    width: shape.width === picture.width ? picture.width : even(shape.width),
    height: shape.height === picture.height ? picture.height : even(shape.height),
  };
}

/**
 * Places a picture in a frame. Cuts and bars lie on even pixels, as 4:2:0 chroma needs.
 *
 * @param shape the picture's size with square pixels
 */
export function place(picture: Size, frame: Size, fit: Fit, shape: Size = picture): Placement {
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const all = { x: 0, y: 0, width: frame.width, height: frame.height };
  if (fit === "contain") return { frame, source: whole, target: inner(frame, shape) };
  if (fit === "cover") {
    // The frame in pixels of the picture.
    const cut = {
      width: frame.width * picture.width / shape.width,
      height: frame.height * picture.height / shape.height,
    };
    return { frame, source: inner(picture, cut), target: all };
  }
  return { frame, source: whole, target: all };
}

/** Width of a frame's pixel by its height, where that of the picture's is `ratio`. */
export function pixelRatio({ source, target }: Placement, ratio: number): number {
  const found = ratio * (source.width / target.width) / (source.height / target.height);
  // Sides are rounded to whole pixels.
  return Math.abs(found - 1) < ROUNDED ? 1 : found;
}

/** A place in a picture, in pixels from its upper left corner. */
export interface Point {
  /** Pixels to the right. */
  readonly x: number;
  /** Pixels down. */
  readonly y: number;
}

/** Where the pixels of a frame are in the picture of the camera, and the other way round. */
export class FrameTransform {
  /** Size of the camera's picture in pixels. */
  readonly source: Size;
  /** Pixels of the frame for each pixel of the picture, across. */
  readonly scaleX: number;
  /** Pixels of the frame for each pixel of the picture, down. */
  readonly scaleY: number;
  /** Where the picture's left edge is in the frame: below 0 where it is cut. */
  readonly offsetX: number;
  /** Where the picture's upper edge is in the frame: below 0 where it is cut. */
  readonly offsetY: number;

  /** Of a picture of size `source` that was placed so. */
  constructor(source: Size, { source: part, target }: Placement) {
    this.source = { width: source.width, height: source.height };
    this.scaleX = target.width / part.width;
    this.scaleY = target.height / part.height;
    this.offsetX = target.x - part.x * this.scaleX;
    this.offsetY = target.y - part.y * this.scaleY;
  }

  /**
   * A point of the frame in pixels of the camera's picture; outside of it for one in a bar.
   *
   * @throws {TypeError} Not `{ x, y }` with two numbers
   */
  pointToSource(point: Point): { x: number; y: number } {
    const { x, y } = checkNumbers("point", point, POINT);
    return { x: (x - this.offsetX) / this.scaleX, y: (y - this.offsetY) / this.scaleY };
  }

  /**
   * A box of the frame in pixels of the camera's picture, cut where it is outside of it.
   *
   * @param box Its upper left corner and its size, in pixels of the frame; models that give
   * two corners or the middle of a box need a line of arithmetic before
   * @throws {TypeError} Not `{ x, y, width, height }` with four numbers
   */
  boxToSource(box: Rect): Rect {
    const { x, y, width, height } = checkNumbers("box", box, BOX);
    const { source } = this;
    const clamp = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
    const first = this.pointToSource({ x, y });
    const last = this.pointToSource({ x: x + width, y: y + height });
    const left = clamp(first.x, source.width);
    const top = clamp(first.y, source.height);
    return {
      x: left,
      y: top,
      width: clamp(last.x, source.width) - left,
      height: clamp(last.y, source.height) - top,
    };
  }

  /**
   * A point of the camera's picture in pixels of the frame.
   *
   * @throws {TypeError} Not `{ x, y }` with two numbers
   */
  pointToFrame(point: Point): { x: number; y: number } {
    const { x, y } = checkNumbers("point", point, POINT);
    return { x: x * this.scaleX + this.offsetX, y: y * this.scaleY + this.offsetY };
  }
}

const POINT = ["x", "y"] as const;
const BOX = ["x", "y", "width", "height"] as const;

/** The largest centred part of `outer` that has the shape of `shape`. */
function inner(outer: Size, shape: Size): Rect {
  const scale = Math.min(outer.width / shape.width, outer.height / shape.height);
  const width = side(shape.width * scale, outer.width);
  const height = side(shape.height * scale, outer.height);
  return { x: offset(outer.width - width), y: offset(outer.height - height), width, height };
}

/** By how much rounding makes a square another shape. */
const ROUNDED = 0.01;

function side(length: number, limit: number): number {
  // A side that reaches the edge keeps its odd pixel.
  return Math.round(length) >= limit ? limit : Math.min(even(length), limit);
}

function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}

function offset(rest: number): number {
  return (rest >> 2) << 1;
}
