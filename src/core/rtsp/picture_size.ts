/**
 * The size of pictures, as descriptions have it.
 *
 * @module
 */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** `640-480` of `a=framesize`, `640,480` of `a=x-dimensions`; some write `640x480`. */
export function parseSize(text: string | undefined): PictureSize | undefined {
  const match = /^(\d{1,5})\s*[-,x]\s*(\d{1,5})$/i.exec(text ?? "");
  if (match === null) return undefined;
  const [width, height] = [Number(match[1]), Number(match[2])];
  return width > 0 && height > 0 ? { width, height } : undefined;
}
