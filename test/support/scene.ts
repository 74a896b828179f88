/** Pictures to publish, in every layout of bytes, and how far from them others are. */

import { Buffer } from "node:buffer";
import { colourPatches, type Rgb } from "./patterns.ts";

/** The layouts of bytes that `VideoWriter.write()` takes. */
export type Layout =
  | "rgb24"
  | "bgr24"
  | "rgba"
  | "bgra"
  | "gray8"
  | "yuv420p"
  | "nv12"
  | "rgb-planar-u8"
  | "rgb-planar-f32";

const BITS = 16;
const SQUARE = 24;

/**
 * A moving picture, soft as nature is, with its number in it as `readCounter`
 * reads it: a grey square goes round over a slope of colours.
 */
export class Scene {
  readonly #ground: Uint8Array<ArrayBuffer>;

  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#ground = fill(width, height, (x, y) => {
      const [right, down] = [x / width, y / height];
      return [40 + 160 * right, 60 + 120 * down, 180 - 100 * right * down];
    });
  }

  /** The picture of that number, in new memory, as rgb24. */
  picture(index: number): Uint8Array<ArrayBuffer> {
    const { width, height } = this;
    const bytes = this.#ground.slice();
    const side = Math.floor(width / BITS);
    const box = (left: number, top: number, w: number, h: number, level: number) => {
      for (let y = top; y < top + h; y++) {
        bytes.fill(level, (y * width + left) * 3, (y * width + left + w) * 3);
      }
    };
    const space = height - 2 * side - SQUARE;
    box(index * 4 % (width - SQUARE), side + index * 2 % Math.max(1, space), SQUARE, SQUARE, 128);
    for (const top of [0, height - side]) {
      for (let bit = 0; bit < BITS; bit++) {
        box(bit * side, top, side, side, index >> bit & 1 ? 235 : 16);
      }
    }
    return bytes;
  }
}

/** Eight solid patches, see `colourPatches`; as rgb24. */
export function colourPicture(width: number, height: number): Uint8Array<ArrayBuffer> {
  const patches = colourPatches(width, height);
  return fill(width, height, (x, y) => {
    return patches[Math.floor(x * 4 / width) + 4 * Math.floor(y * 2 / height)]!.rgb;
  });
}

/** One colour, as rgb24. */
export function plain(width: number, height: number, rgb: Rgb): Uint8Array<ArrayBuffer> {
  return fill(width, height, () => rgb);
}

function fill(
  width: number,
  height: number,
  colour: (x: number, y: number) => Rgb,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) bytes.set(colour(x, y), (y * width + x) * 3);
  }
  return bytes;
}

/** The same picture in another layout; YUV by BT.601 in limited range. */
export function inLayout(
  layout: Layout,
  rgb: Uint8Array,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const pixels = width * height;
  const at = (pixel: number): Rgb => [rgb[pixel * 3]!, rgb[pixel * 3 + 1]!, rgb[pixel * 3 + 2]!];
  const packed = (channels: number, pick: (rgb: Rgb) => readonly number[]) => {
    const bytes = new Uint8Array(pixels * channels);
    for (let pixel = 0; pixel < pixels; pixel++) bytes.set(pick(at(pixel)), pixel * channels);
    return bytes;
  };
  switch (layout) {
    case "rgb24":
      return packed(3, (colour) => colour);
    case "bgr24":
      return packed(3, ([r, g, b]) => [b, g, r]);
    case "rgba":
      return packed(4, ([r, g, b]) => [r, g, b, 255]);
    case "bgra":
      return packed(4, ([r, g, b]) => [b, g, r, 255]);
    case "gray8":
      return packed(1, ([r, g, b]) => [Math.round(0.299 * r + 0.587 * g + 0.114 * b)]);
    case "rgb-planar-u8": {
      const bytes = new Uint8Array(pixels * 3);
      for (let i = 0; i < bytes.length; i++) {
        bytes[i] = rgb[i % pixels * 3 + Math.floor(i / pixels)]!;
      }
      return bytes;
    }
    case "rgb-planar-f32": {
      const floats = Float32Array.from(
        inLayout("rgb-planar-u8", rgb, width, height),
        (level) => level / 255,
      );
      return new Uint8Array(floats.buffer);
    }
    case "yuv420p":
    case "nv12":
      return subsampled(at, width, height, layout === "nv12");
  }
}

function subsampled(
  at: (pixel: number) => Rgb,
  width: number,
  height: number,
  interleaved: boolean,
): Uint8Array<ArrayBuffer> {
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const luma = width * height;
  const bytes = new Uint8Array(luma + 2 * w * h);
  for (let pixel = 0; pixel < luma; pixel++) {
    const [r, g, b] = at(pixel);
    bytes[pixel] = Math.round(16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255);
  }
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [r, g, b] = at(2 * y * width + 2 * x);
      const u = Math.round(128 + (-37.797 * r - 74.203 * g + 112 * b) / 255);
      const v = Math.round(128 + (112 * r - 93.786 * g - 18.214 * b) / 255);
      const chroma = y * w + x;
      bytes[luma + (interleaved ? 2 * chroma : chroma)] = u;
      bytes[luma + (interleaved ? 2 * chroma + 1 : w * h + chroma)] = v;
    }
  }
  return bytes;
}

/** Peak signal-to-noise ratio in dB: above 35 one hardly sees a difference. */
export function psnr(seen: Uint8Array, written: Uint8Array, layout: Layout = "rgb24"): number {
  if (seen.length !== written.length) {
    throw new Error(`${seen.length} bytes cannot be compared with ${written.length}`);
  }
  const levels = (bytes: Uint8Array) =>
    layout === "rgb-planar-f32"
      ? new Float32Array(bytes.slice().buffer).map((level) => level * 255)
      : bytes;
  const [a, b] = [levels(seen), levels(written)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum === 0 ? Infinity : 10 * Math.log10(255 ** 2 * a.length / sum);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
