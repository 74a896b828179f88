/**
 * How a coded picture is turned to be upright.
 *
 * @module
 */

import type { Rect, Size } from "./geometry.ts";

/** Degrees clockwise. */
export type Rotation = 0 | 90 | 180 | 270;

/** A coded picture is turned, and then mirrored, to be as its camera saw it. */
export interface Orientation {
  readonly rotation: Rotation;
  /** Left and right change places, after the rotation. */
  readonly mirrored: boolean;
}

/** Its pixels stay where they are. */
export const UPRIGHT: Orientation = { rotation: 0, mirrored: false };

const ROTATIONS: readonly Rotation[] = [0, 90, 180, 270];

/** What is smaller than this share is nothing: a picture stands straight, or it is left as it is. */
const STRAIGHT = 0.02;

/**
 * By a display matrix (ISO 14496-12, 8.3.2; libavutil's display.h): `a b u c d v x y w`,
 * of which a point goes to (a x + c y, b x + d y). One that turns by no multiple of 90
 * degrees asks for what cannot be done without a larger picture: it leaves it upright.
 */
export function orientationOf(matrix: ArrayLike<number>): Orientation {
  const [a = 0, b = 0, , c = 0, d = 0] = Array.from(matrix);
  const straight = Math.min(Math.abs(a), Math.abs(d));
  const crossed = Math.min(Math.abs(b), Math.abs(c));
  if (Math.max(Math.abs(b), Math.abs(c)) < straight * STRAIGHT) {
    const rotation = d < 0 ? 180 : 0;
    return { rotation, mirrored: (a < 0) !== (d < 0) };
  }
  if (Math.max(Math.abs(a), Math.abs(d)) < crossed * STRAIGHT) {
    const rotation = b > 0 ? 90 : 270;
    return { rotation, mirrored: (b < 0) === (c < 0) };
  }
  return UPRIGHT;
}

/** As one number, for memory that threads share. */
export function packOrientation({ rotation, mirrored }: Orientation): number {
  return rotation / 90 + (mirrored ? ROTATIONS.length : 0);
}

export function unpackOrientation(packed: number): Orientation {
  const { length } = ROTATIONS;
  return { rotation: ROTATIONS[packed % length]!, mirrored: packed >= length };
}

/** What is done to rows and columns: first they change places, then each is reversed or not. */
export interface Turn {
  readonly transposed: boolean;
  /** Left and right change places. */
  readonly flipX: boolean;
  /** Top and bottom change places. */
  readonly flipY: boolean;
}

export function turnOf({ rotation, mirrored }: Orientation): Turn {
  return {
    transposed: rotation === 90 || rotation === 270,
    flipX: (rotation === 90 || rotation === 180) !== mirrored,
    flipY: rotation === 180 || rotation === 270,
  };
}

/** The size of a coded picture when it is turned, and the other way round. */
export function turnedSize({ width, height }: Size, orientation: Orientation): Size {
  return turnOf(orientation).transposed ? { width: height, height: width } : { width, height };
}

/** Where a part of the turned picture is in the coded one. */
export function codedPart(part: Rect, coded: Size, orientation: Orientation): Rect {
  const { transposed, flipX, flipY } = turnOf(orientation);
  const { width, height } = turnedSize(coded, orientation);
  const x = flipX ? width - part.x - part.width : part.x;
  const y = flipY ? height - part.y - part.height : part.y;
  return transposed
    ? { x: y, y: x, width: part.height, height: part.width }
    : { x, y, width: part.width, height: part.height };
}
