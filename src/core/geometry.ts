/**
 * How a picture of one size is put into a frame of another.
 *
 * @module
 */

/**
 * - `fill`: stretched to the frame
 * - `contain`: whole, its shape kept, black bars around it
 * - `cover`: its shape kept, cut at two sides so that it fills the frame
 */
export type Fit = "fill" | "contain" | "cover";

export const FITS: readonly Fit[] = ["fill", "contain", "cover"];

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** Which part of the picture goes to which part of the frame. */
export interface Placement {
  readonly frame: Size;
  /** The part of the picture that is used. */
  readonly source: Rect;
  /** The part of the frame that it fills; the rest is black. */
  readonly target: Rect;
}

/**
 * The frame's size: what was asked for; a side that was not follows from the
 * shape of the picture, rounded to an even number.
 */
export function frameSize(picture: Size, width?: number, height?: number): Size {
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined) {
    return { width, height: even(picture.height * width / picture.width) };
  }
  if (height !== undefined) {
    return { width: even(picture.width * height / picture.height), height };
  }
  return picture;
}

/** Places a picture in a frame. Cuts and bars lie on even pixels, as 4:2:0 chroma needs. */
export function place(picture: Size, frame: Size, fit: Fit): Placement {
  const whole = { x: 0, y: 0, ...picture };
  const all = { x: 0, y: 0, ...frame };
  if (fit === "contain") return { frame, source: whole, target: inner(frame, picture) };
  if (fit === "cover") return { frame, source: inner(picture, frame), target: all };
  return { frame, source: whole, target: all };
}

/** The largest centred part of `outer` that has the shape of `shape`. */
function inner(outer: Size, shape: Size): Rect {
  const scale = Math.min(outer.width / shape.width, outer.height / shape.height);
  const width = side(shape.width * scale, outer.width);
  const height = side(shape.height * scale, outer.height);
  return { x: offset(outer.width - width), y: offset(outer.height - height), width, height };
}

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
