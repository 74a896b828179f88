/**
 * Pictures with transparency: frames have none.
 *
 * @module
 */

import { cString, type Libav } from "../../ffi/mod.ts";

const ENDS = ["be", "le"];
const DEEP = ["9", "10", "12", "14", "16"].flatMap((bits) => ENDS.map((end) => bits + end));
/** libav's pixel formats with an alpha channel, or a palette with one. */
const NAMES: readonly string[] = [
  ...["rgba", "bgra", "argb", "abgr", "ya8", "pal8", "vuya", "ayuv", "uyva", "gbrap"],
  ...["rgba64", "bgra64", "ayuv64", "ya16", "gbrapf32", "rgbaf16", "rgbaf32"].flatMap((name) =>
    ENDS.map((end) => name + end)
  ),
  ...["yuva420p", "yuva422p", "yuva444p"].flatMap((name) => ["", ...DEEP].map((d) => name + d)),
  ...DEEP.map((depth) => `gbrap${depth}`),
];

const known = new WeakMap<Libav, ReadonlySet<number>>();

/** Whether pictures of that AVPixelFormat may be transparent. */
export function hasAlpha(libav: Libav, pixelFormat: number): boolean {
  let formats = known.get(libav);
  if (!formats) {
    const numbers = NAMES.map((name) => libav.symbols.av_get_pix_fmt(cString(name)));
    formats = new Set(numbers.filter((number) => number >= 0));
    known.set(libav, formats);
  }
  return formats.has(pixelFormat);
}

/** Makes pixels of four bytes, of which the last is alpha, opaque. */
export function makeOpaque({ backend }: Libav, address: bigint, byteLength: number): void {
  const pointer = backend.fromAddress(address);
  if (!pointer) return;
  const bytes = new Uint8Array(backend.bufferAt(pointer, byteLength));
  for (let i = 3; i < bytes.length; i += 4) bytes[i] = 255;
}
