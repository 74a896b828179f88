/** Pixels of planar and packed frames, and what the ffmpeg command makes of the same picture. */

import { assert, assertEquals } from "@std/assert";
import type { Frame, Rect } from "../../../mod.ts";
import { firstPicture, makeVideo } from "../../support/media.ts";

export const U8 = "rgb-planar-u8";
export const F32 = "rgb-planar-f32";
/** Which plane of libav's gbrp is red, green and blue. */
export const GBR = [2, 0, 1];

export type Levels = Uint8Array | Float32Array;

/** The values of a frame: bytes, or floats where it has them. */
export function levelsOf(frame: Frame): Levels {
  return frame.format === F32 ? frame.floats : frame.data;
}

/** Where a channel of a pixel is among the values. */
export function indexOf(frame: Frame, channel: number, x: number, y: number): number {
  const { format, width, height, channels } = frame;
  return format === U8 || format === F32
    ? (channel * height + y) * width + x
    : (y * width + x) * channels + channel;
}

/** Fails unless every channel of every pixel of an area is good, and says how many are not. */
export function assertPixels(
  frame: Frame,
  isIn: (x: number, y: number) => boolean,
  isGood: (level: number, channel: number, x: number, y: number) => boolean,
): void {
  const { width, height, format } = frame;
  // The fourth is alpha.
  const channels = Math.min(3, frame.channels);
  const levels = levelsOf(frame);
  const bad: string[] = [];
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isIn(x, y)) continue;
      for (let channel = 0; channel < channels; channel++) {
        const level = levels[indexOf(frame, channel, x, y)]!;
        if (isGood(level, channel, x, y)) continue;
        if (count++ < 5) bad.push(`${level} at ${x},${y} of channel ${channel}`);
      }
    }
  }
  const what = `frame ${frame.index}, ${format} in ${width}x${height}`;
  assert(count === 0, `${what}: ${count} values are wrong, the first are ${bad.join("; ")}`);
}

export function isInside({ x, y, width, height }: Rect) {
  return (column: number, row: number) =>
    column >= x && row >= y && column < x + width && row < y + height;
}

/** What the ffmpeg command makes of a file's first picture in this size. */
export async function reference(
  file: string,
  { width, height }: { width: number; height: number },
  pixelFormat: "gbrp" | "rgb24",
): Promise<Uint8Array> {
  // From FFmpeg 7.1 on the command takes a short cut for planes as well.
  const accurate = pixelFormat === "gbrp" ? "+accurate_rnd" : "";
  const scale = `scale=${width}:${height}:flags=bicubic${accurate}`;
  const bytes = await firstPicture(file, ["-vf", scale, "-pix_fmt", pixelFormat]);
  assertEquals(bytes.length, width * height * 3);
  return bytes;
}

/** Fails unless the part of the frame is what the ffmpeg command makes of the picture. */
export async function assertLikeFfmpeg(frame: Frame, file: string, area: Rect): Promise<void> {
  const packed = frame.format === "rgb24";
  const expected = await reference(file, area, packed ? "rgb24" : "gbrp");
  const at = (channel: number, x: number, y: number) =>
    packed
      ? (y * area.width + x) * 3 + channel
      : (GBR[channel]! * area.height + y) * area.width + x;
  assertPixels(frame, isInside(area), (level, channel, x, y) => {
    return level === expected[at(channel, x - area.x, y - area.y)];
  });
}

export interface PictureRecipe {
  width: number;
  height: number;
  codec?: "h264" | "mjpeg" | undefined;
  matrix?: "bt601" | "bt709" | undefined;
}

/** Bright and noisy up to its edges, so that nothing that is in a wrong place looks right. */
export function picture({ width, height, codec = "h264", matrix }: PictureRecipe): Promise<string> {
  const pixelFormat = codec === "mjpeg"
    ? "yuvj420p"
    : width % 2 || height % 2
    ? "yuv444p"
    : "yuv420p";
  return makeVideo({
    name: `noisy-${codec}`,
    codec,
    container: codec === "mjpeg" ? "avi" : "mp4",
    frames: 3,
    source: [
      `testsrc2=size=${width}x${height}:rate=30`,
      "format=yuv444p,negate,noise=alls=60:allf=t:all_seed=1",
    ].join(","),
    extra: [
      ...["-pix_fmt", pixelFormat],
      ...(matrix ? ["-colorspace", matrix === "bt709" ? "bt709" : "smpte170m"] : []),
    ],
  });
}
