/**
 * Whether bytes are as many as their size and format say. libav reads by size and format, past
 * the end of memory that is shorter.
 *
 * @module
 */

import { frameByteLength, isPixelFormat, PIXEL_FORMATS, type PixelFormat } from "./formats.ts";
import type { Size } from "./geometry.ts";

/**
 * Checks what a program says of a picture.
 *
 * @param verb What cannot be done with the frame, for the message
 * @throws {TypeError} Not a Uint8Array, of another length, or of an unknown format
 * @throws {RangeError} A side that is not a whole number of at least 1
 */
export function checkPicture(
  verb: "make" | "write",
  data: unknown,
  { width, height, format }: Size & { readonly format: PixelFormat },
): asserts data is Uint8Array {
  const refusal = `Cannot ${verb} a frame`;
  checkSide(`${refusal}: its width`, width);
  checkSide(`${refusal}: its height`, height);
  if (!isPixelFormat(format)) {
    const known = PIXEL_FORMATS.join(", ");
    throw new TypeError(`${refusal}: its format must be one of ${known}, got ${String(format)}`);
  }
  if (!(data instanceof Uint8Array)) {
    throw new TypeError(`${refusal}: its data must be a Uint8Array, got ${typeof data}`);
  }
  const expected = frameByteLength(format, width, height);
  if (data.byteLength !== expected) {
    const bytes = `${data.byteLength} bytes`;
    throw new TypeError(`${refusal} of ${bytes}: ${width}x${height} in ${format} has ${expected}`);
  }
}

function checkSide(what: string, side: unknown): void {
  if (Number.isSafeInteger(side) && (side as number) >= 1) return;
  const message = `${what} must be a whole number of pixels from 1, got ${String(side)}`;
  throw typeof side === "number" ? new RangeError(message) : new TypeError(message);
}
