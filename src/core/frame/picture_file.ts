/**
 * The size that a picture file declares.
 *
 * libav's decoders forget the size of a picture that they refuse, so that only the bytes can
 * tell why.
 *
 * @module
 */

import type { Size } from "./geometry.ts";

type Reader = (view: DataView) => Size | undefined;

/** A marker of JPEG that is followed by the size: all SOF but DHT, JPG and DAC (T.81, B.1.1.3). */
const JPEG_FRAME = /^c[0-35-79-bd-f]$/;
/** JPEG's markers without a segment: TEM, RST, SOI. */
const JPEG_BARE = /^(?:01|d[0-8])$/;
const TIFF_WIDTH = 256;
const TIFF_HEIGHT = 257;
/** TIFF's type of 16 bits; its other one for sizes has 32. */
const TIFF_SHORT = 3;

/** By the first bytes, as Latin-1. */
const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/^\x89PNG/, (view) => size(view.getUint32(16), view.getUint32(20))],
  [/^GIF8/, (view) => size(view.getUint16(6, true), view.getUint16(8, true))],
  // A negative height means that the first row is the upper one.
  [/^BM/, (view) => size(view.getInt32(18, true), Math.abs(view.getInt32(22, true)))],
  [/^RIFF.{4}WEBP/s, webp],
  [/^\xff\xd8/, jpeg],
  [/^II\*\0/, (view) => tiff(view, true)],
  [/^MM\0\*/, (view) => tiff(view, false)],
  [/^P[1-6]\s/, portable],
];

/**
 * Reads the header of a PNG, JPEG, WebP, BMP, TIFF, GIF or PNM.
 *
 * @returns undefined where it is none of these, or too little of it is there
 */
export function pictureFileSize(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = text(view, 0, 12);
  const reader = READERS.find(([magic]) => magic.test(begin))?.[1];
  try {
    return reader?.(view);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function jpeg(view: DataView): Size | undefined {
  for (let at = 2; at + 4 < view.byteLength;) {
    const marker = view.getUint8(at + 1).toString(16).padStart(2, "0");
    // Bytes that fill up stand before a marker.
    if (view.getUint8(at) !== 0xff || marker === "00" || marker === "ff") at += 1;
    else if (JPEG_BARE.test(marker)) at += 2;
    else if (JPEG_FRAME.test(marker)) return size(view.getUint16(at + 7), view.getUint16(at + 5));
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** RFC 9649, 2.4 to 2.7. */
function webp(view: DataView): Size | undefined {
  const kind = text(view, 12, 4);
  const uint24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
  if (kind === "VP8X") return size(uint24(24) + 1, uint24(27) + 1);
  if (kind === "VP8 ") {
    return size(view.getUint16(26, true) % 16_384, view.getUint16(28, true) % 16_384);
  }
  if (kind !== "VP8L") return undefined;
  const bits = view.getUint32(21, true);
  return size(bits % 16_384 + 1, Math.floor(bits / 16_384) % 16_384 + 1);
}

function tiff(view: DataView, little: boolean): Size | undefined {
  const directory = view.getUint32(4, little);
  const values = new Map<number, number>();
  for (let i = 0; i < view.getUint16(directory, little); i++) {
    const at = directory + 2 + i * 12;
    const isShort = view.getUint16(at + 2, little) === TIFF_SHORT;
    const value = isShort ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
    values.set(view.getUint16(at, little), value);
  }
  return size(values.get(TIFF_WIDTH) ?? 0, values.get(TIFF_HEIGHT) ?? 0);
}

/** Netpbm's formats: numbers between white space and comments. */
function portable(view: DataView): Size | undefined {
  const header = text(view, 2, 512).replace(/#[^\n]*\n/g, " ");
  const match = /^\s*(\d+)\s+(\d+)\s/.exec(header);
  return match ? size(Number(match[1]), Number(match[2])) : undefined;
}

function size(width: number, height: number): Size {
  return { width, height };
}

function text(view: DataView, at: number, length: number): string {
  const count = Math.max(0, Math.min(length, view.byteLength - at));
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, count));
}
