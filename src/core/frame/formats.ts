/**
 * Pixel formats of delivered frames: sizes, planes and libav's names.
 *
 * @module
 */

interface Plane {
  /** Bytes of one sample in this plane. */
  readonly bytes: number;
  /** log2 of the horizontal and vertical subsampling. */
  readonly shift: number;
}

interface FormatInfo {
  /** The name that `av_get_pix_fmt` knows. */
  readonly libav: string;
  /** Values a pixel is made of. */
  readonly channels: number;
  /** In the order of the bytes. */
  readonly planes: readonly Plane[];
  /** Which of these libav counts first, second and third, where it is not this order. */
  readonly libavOrder?: readonly number[] | undefined;
}

const FORMATS: Readonly<Record<PixelFormat, FormatInfo>> = {
  rgb24: { libav: "rgb24", channels: 3, planes: [{ bytes: 3, shift: 0 }] },
  bgr24: { libav: "bgr24", channels: 3, planes: [{ bytes: 3, shift: 0 }] },
  rgba: { libav: "rgba", channels: 4, planes: [{ bytes: 4, shift: 0 }] },
  bgra: { libav: "bgra", channels: 4, planes: [{ bytes: 4, shift: 0 }] },
  gray8: { libav: "gray", channels: 1, planes: [{ bytes: 1, shift: 0 }] },
  yuv420p: {
    libav: "yuv420p",
    channels: 3,
    planes: [{ bytes: 1, shift: 0 }, { bytes: 1, shift: 1 }, { bytes: 1, shift: 1 }],
  },
  nv12: {
    libav: "nv12",
    channels: 3,
    planes: [{ bytes: 1, shift: 0 }, { bytes: 2, shift: 1 }],
  },
  "rgb-planar-u8": {
    libav: "gbrp",
    channels: 3,
    planes: [{ bytes: 1, shift: 0 }, { bytes: 1, shift: 0 }, { bytes: 1, shift: 0 }],
    libavOrder: [1, 2, 0],
  },
  "rgb-planar-f32": {
    libav: "gbrpf32le",
    channels: 3,
    planes: [{ bytes: 4, shift: 0 }, { bytes: 4, shift: 0 }, { bytes: 4, shift: 0 }],
    libavOrder: [1, 2, 0],
  },
};

/**
 * How a frame's bytes are laid out; rows are packed, without padding.
 *
 * - `rgb24`, `bgr24`: height x width x 3
 * - `rgba`, `bgra`: height x width x 4, alpha 255
 * - `gray8`: height x width, luma stretched to 0 … 255
 * - `yuv420p`: the planes Y (height x width), then U and V (each
 *   ceil(height/2) x ceil(width/2)), limited range
 * - `nv12`: the plane Y, then U and V interleaved
 * - `rgb-planar-u8`: the planes R, G and B, each height x width: 3 x height x width,
 *   what models call CHW
 * - `rgb-planar-f32`: the same in 32-bit floats of 0 … 1, see `Frame.floats`; colours
 *   far outside of RGB, which only noise has, may wrap in libswscale
 */
export type PixelFormat =
  | "rgb24"
  | "bgr24"
  | "rgba"
  | "bgra"
  | "gray8"
  | "yuv420p"
  | "nv12"
  | "rgb-planar-u8"
  | "rgb-planar-f32";

export const PIXEL_FORMATS = Object.keys(FORMATS) as readonly PixelFormat[];

/** Whether a value of the program is one of the formats. */
export function isPixelFormat(value: unknown): value is PixelFormat {
  return typeof value === "string" && Object.hasOwn(FORMATS, value);
}

/** libav's name of a format. */
export function libavFormatName(format: PixelFormat): string {
  return FORMATS[format].libav;
}

/** Values per pixel: 3 for rgb24, 1 for gray8. */
export function channelsOf(format: PixelFormat): number {
  return FORMATS[format].channels;
}

/** Whether a black picture is nothing but zeros: not so in YUV, and with alpha. */
export function isBlackZero(format: PixelFormat): boolean {
  return !isSubsampled(format) && channelsOf(format) !== 4;
}

/** Whether chroma is shared by 2 x 2 pixels, so that placement must be even. */
export function isSubsampled(format: PixelFormat): boolean {
  return FORMATS[format].planes.some((plane) => plane.shift > 0);
}

/** Where one plane of a packed picture begins, and how long its rows are, in bytes. */
export interface PlaneLayout {
  readonly offset: number;
  readonly stride: number;
}

/**
 * Sizes of the axes: height x width x channels, channels first in the planar
 * formats. Undefined where the planes differ in size.
 */
export function shapeOf(
  format: PixelFormat,
  width: number,
  height: number,
): readonly number[] | undefined {
  const { channels, planes } = FORMATS[format];
  if (isSubsampled(format)) return undefined;
  return planes.length > 1 ? [channels, height, width] : [height, width, channels];
}

/** The planes of a picture in libav's order, of the part that begins at pixel (x, y). */
export function planesOf(
  format: PixelFormat,
  width: number,
  height: number,
  x = 0,
  y = 0,
): readonly PlaneLayout[] {
  const { planes, libavOrder } = FORMATS[format];
  let start = 0;
  const layouts = planes.map(({ bytes, shift }) => {
    const stride = subsampled(width, shift) * bytes;
    const offset = start + (y >> shift) * stride + (x >> shift) * bytes;
    start += stride * subsampled(height, shift);
    return { offset, stride };
  });
  return libavOrder ? libavOrder.map((plane) => layouts[plane]!) : layouts;
}

/** Size and samples of one plane, in libav's order. */
export interface PlaneSamples {
  /** Samples in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Bytes of a sample. */
  readonly bytes: number;
}

/** The samples of a picture's planes, in libav's order. */
export function samplesOf(
  format: PixelFormat,
  width: number,
  height: number,
): readonly PlaneSamples[] {
  const { planes, libavOrder } = FORMATS[format];
  const all = planes.map(({ bytes, shift }) => ({
    width: subsampled(width, shift),
    height: subsampled(height, shift),
    bytes,
  }));
  return libavOrder ? libavOrder.map((plane) => all[plane]!) : all;
}

/** Bytes of a whole picture. */
export function frameByteLength(format: PixelFormat, width: number, height: number): number {
  return FORMATS[format].planes.reduce(
    (sum, { bytes, shift }) => sum + subsampled(width, shift) * bytes * subsampled(height, shift),
    0,
  );
}

function subsampled(length: number, shift: number): number {
  return (length + (1 << shift) - 1) >> shift;
}
