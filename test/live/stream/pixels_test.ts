/** Frames have the right bytes: colours, sizes and shapes, in every format. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import type { Frame, PixelFormat, VideoStreamOptions } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { colourBars, type ColourOptions, colourPatches, type Rgb } from "../../support/patterns.ts";
import { assertColour, firstFrame, pixelAt, SLOW, SMALL } from "../reading.ts";

const { width: WIDTH, height: HEIGHT } = SMALL;
const RED: Rgb = [255, 0, 0];
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const MAGENTA: Rgb = [255, 0, 255];

/** Where the picture lies in a frame. */
interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

function assertBars(frame: Frame, area: Area = { x: 0, y: 0, ...sizeOf(frame) }): void {
  for (const { name, rgb, x, y } of colourPatches(area.width, area.height)) {
    assertColour(frame, { name, x: x + area.x, y: y + area.y }, rgb);
  }
}

function sizeOf({ width, height }: Frame) {
  return { width, height };
}

async function bars(options: VideoStreamOptions = {}, recipe: ColourOptions = {}) {
  return await firstFrame(await colourBars(WIDTH, HEIGHT, { frames: 3, ...recipe }), options);
}

const VARIANTS: ColourOptions[] = [
  { matrix: "bt601", range: "tv" },
  { matrix: "bt601", range: "pc" },
  { matrix: "bt709", range: "tv" },
  { matrix: "bt709", range: "pc" },
  { matrix: "bt601", range: "tv", pixelFormat: "yuv444p" },
  { matrix: "bt709", range: "pc", pixelFormat: "yuv444p" },
];
for (const variant of VARIANTS) {
  test(`colours of a file with ${Object.values(variant).join(" ")} are right`, SLOW, async () => {
    assertBars(await bars({}, variant));
  });
}

for (const format of ["rgb24", "bgr24", "rgba", "bgra"] as const) {
  test(`${format} has its channels in that order`, SLOW, async () => {
    const frame = await bars({ format });
    const channels = format.length === 4 ? 4 : 3;
    assertEquals([frame.format, frame.channels], [format, channels]);
    assertEquals(frame.data.length, WIDTH * HEIGHT * channels);
    assertBars(frame);
    // The first patch is red.
    const [first, , third, alpha] = frame.data.subarray((WIDTH + 1) * channels);
    assert(format.startsWith("rgb") ? first! > 250 && third! < 5 : first! < 5 && third! > 250);
    if (channels === 4) {
      assertEquals(alpha, 255);
      assert(frame.data.every((value, i) => i % 4 !== 3 || value === 255));
    }
  });
}

function luma([r, g, b]: Rgb): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

for (const range of ["tv", "pc"] as const) {
  test(`gray8 of a file with range ${range} is the luma from 0 to 255`, SLOW, async () => {
    const frame = await bars({ format: "gray8" }, { range });
    assertEquals([frame.channels, frame.data.length], [1, WIDTH * HEIGHT]);
    for (const { name, rgb, x, y } of colourPatches(WIDTH, HEIGHT)) {
      const seen = frame.data[y * WIDTH + x]!;
      assert(Math.abs(seen - luma(rgb)) <= 4, `${name}: ${seen} is not ${luma(rgb)}`);
    }
  });
}

/** Limited range BT.601, as the documentation of the formats says. */
function yuv(rgb: Rgb): [number, number, number] {
  const y = luma(rgb);
  const u = 128 + (rgb[2] - y) / 1.772 * 224 / 255;
  const v = 128 + (rgb[0] - y) / 1.402 * 224 / 255;
  return [16 + y * 219 / 255, u, v];
}

/** Y, U and V of a pixel in one of the planar formats. */
function yuvAt({ data, width, height, format }: Frame, x: number, y: number): number[] {
  const [columns, rows] = [(width + 1) >> 1, (height + 1) >> 1];
  const place = (y >> 1) * columns + (x >> 1);
  const chroma = width * height;
  const [u, v] = format === "nv12"
    ? [chroma + 2 * place, chroma + 2 * place + 1]
    : [chroma + place, chroma + columns * rows + place];
  return [data[y * width + x]!, data[u]!, data[v]!];
}

function assertYuv(frame: Frame, point: { x: number; y: number }, rgb: Rgb, tolerance = 3): void {
  const seen = yuvAt(frame, point.x, point.y);
  const expected = yuv(rgb);
  assert(
    seen.every((level, i) => Math.abs(level - expected[i]!) <= tolerance),
    `${frame.format} of ${rgb} at ${point.x},${point.y}: ${seen} is not ${expected}`,
  );
}

for (const format of ["yuv420p", "nv12"] as const) {
  for (const range of ["tv", "pc"] as const) {
    test(`the planes of ${format}, from a file with range ${range}`, SLOW, async () => {
      const frame = await bars({ format }, { range });
      assertEquals(frame.data.length, WIDTH * HEIGHT * 1.5);
      for (const { rgb, ...point } of colourPatches(WIDTH, HEIGHT)) assertYuv(frame, point, rgb);
    });
  }

  test(`the planes of ${format} in an odd size`, SLOW, async () => {
    const file = await colourBars(321, 241, { frames: 2, pixelFormat: "yuv444p" });
    const frame = await firstFrame(file, { format });
    assertEquals(sizeOf(frame), { width: 321, height: 241 });
    assertEquals(frame.data.length, 321 * 241 + 2 * 161 * 121);
    for (const { rgb, ...point } of colourPatches(321, 241)) assertYuv(frame, point, rgb);
    // The last row and column have chroma too.
    assertYuv(frame, { x: 320, y: 120 - 10 }, WHITE, 6);
    assertYuv(frame, { x: 320, y: 240 }, MAGENTA, 6);
  });

  test(`the bars that ${format} is filled up with are black`, SLOW, async () => {
    const frame = await bars({ format, width: 320, height: 320, fit: "contain" });
    for (const y of [1, 60, 260, 318]) assertYuv(frame, { x: 160, y }, BLACK, 0);
    for (const { rgb, x, y } of colourPatches(320, 180)) {
      assertYuv(frame, { x, y: y + 70 }, rgb);
    }
  });
}

const SIZES: [width: number, height: number][] = [
  [637, 359],
  [33, 17],
  [321, 241],
  [360, 202],
  [426, 240],
  [1080, 1920],
];
for (const [width, height] of SIZES) {
  test(`a picture of ${width}x${height} is not sheared`, SLOW, async () => {
    const pixelFormat = width % 2 || height % 2 ? "yuv444p" : "yuv420p";
    const file = await colourBars(width, height, { frames: 2, pixelFormat });
    for (const format of ["rgb24", "bgra", "gray8"] satisfies PixelFormat[]) {
      const frame = await firstFrame(file, { format });
      assertEquals(sizeOf(frame), { width, height });
      assertEquals(frame.data.length, width * height * frame.channels);
      assertEquals(frame.data.byteOffset, 0);
      if (format === "gray8") {
        const last = frame.data[frame.data.length - 1]!;
        assert(Math.abs(last - luma(MAGENTA)) <= 6, `${last}`);
        continue;
      }
      assertBars(frame);
      assertColour(frame, { x: 1, y: 1 }, RED, 6);
      assertColour(frame, { x: width - 2, y: 1 }, WHITE, 6);
      assertColour(frame, { x: 1, y: height - 2 }, BLACK, 6);
      assertColour(frame, { x: width - 1, y: height - 1 }, MAGENTA, 6);
    }
  });
}

test("the smallest picture is whole", SLOW, async () => {
  const file = await makeVideo({
    name: "dot",
    source: "color=red:size=2x2:rate=30",
    frames: 2,
    codec: "mjpeg",
    container: "avi",
  });
  const formats: [PixelFormat, number][] = [["rgb24", 12], ["rgba", 16], ["gray8", 4], ["nv12", 6]];
  for (const [format, bytes] of formats) {
    const frame = await firstFrame(file, { format });
    assertEquals([frame.width, frame.height, frame.data.length], [2, 2, bytes]);
    if (format === "rgb24") {
      for (const x of [0, 1]) for (const y of [0, 1]) assertColour(frame, { x, y }, [254, 0, 0], 4);
    }
  }
});

interface Shape {
  options: VideoStreamOptions;
  size: [width: number, height: number];
}

const SHAPES: Shape[] = [
  { options: { width: 160 }, size: [160, 90] },
  { options: { height: 90 }, size: [160, 90] },
  { options: { width: 640 }, size: [640, 360] },
  { options: { width: 200, height: 300 }, size: [200, 300] },
  { options: { width: 299, height: 101, fit: "fill" }, size: [299, 101] },
  { options: { width: 160, height: 90, fit: "contain" }, size: [160, 90] },
  { options: { width: 160, height: 90, fit: "cover" }, size: [160, 90] },
];
for (const { options, size } of SHAPES) {
  test(`the whole picture fills the frame with ${JSON.stringify(options)}`, SLOW, async () => {
    const frame = await bars(options);
    assertEquals([frame.width, frame.height], size);
    assertEquals(frame.data.length, size[0] * size[1] * 3);
    assertBars(frame);
  });
}

/** Size of the frame, and where the whole picture of 320x180 is in it. */
const CONTAINED: [size: [number, number], area: Area][] = [
  [[320, 320], { x: 0, y: 70, width: 320, height: 180 }],
  [[640, 180], { x: 160, y: 0, width: 320, height: 180 }],
  [[160, 200], { x: 0, y: 55, width: 160, height: 90 }],
  [[201, 90], { x: 20, y: 0, width: 160, height: 90 }],
];
for (const [[width, height], area] of CONTAINED) {
  test(`bars are black around a picture contained in ${width}x${height}`, SLOW, async () => {
    for (const format of ["rgb24", "bgra"] as const) {
      const frame = await bars({ format, width, height, fit: "contain" });
      assertEquals(sizeOf(frame), { width, height });
      // Where the picture begins may be rounded to an even pixel.
      const at = { ...area, y: area.y & ~1 };
      assertBars(frame, at);
      const outside = (x: number, y: number) =>
        x < at.x || y < at.y || x >= at.x + at.width || y >= at.y + at.height;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          if (!outside(x, y)) continue;
          assert(pixelAt(frame, x, y).every((level) => level === 0), `not black at ${x},${y}`);
        }
      }
      if (format === "bgra") assert(frame.data.every((value, i) => i % 4 !== 3 || value === 255));
    }
  });
}

/** Size of the frame, and the part of the picture of 320x180 that is in it. */
const COVERED: [size: [number, number], part: Area][] = [
  [[180, 180], { x: 70, y: 0, width: 180, height: 180 }],
  [[90, 90], { x: 70, y: 0, width: 180, height: 180 }],
  [[320, 90], { x: 0, y: 45, width: 320, height: 90 }],
];
for (const [[width, height], part] of COVERED) {
  test(`a picture that covers ${width}x${height} is cut on both sides`, SLOW, async () => {
    const frame = await bars({ width, height, fit: "cover" });
    assertEquals(sizeOf(frame), { width, height });
    const scale = width / part.width;
    for (const patch of colourPatches(WIDTH, HEIGHT)) {
      const x = Math.round((patch.x - part.x) * scale);
      // The middles of the rows may be cut away, but their inner halves are there.
      const y = Math.round((HEIGHT / 2 + Math.sign(patch.y - HEIGHT / 2) * 20 - part.y) * scale);
      if (x >= 2 && x < width - 2) assertColour(frame, { ...patch, x, y }, patch.rgb);
    }
    if (part.x > 0) {
      // 10 columns of red and white are left at the sides.
      assertColour(frame, { x: Math.round(4 * scale), y: Math.round(40 * scale) }, RED, 16);
      assertColour(frame, { x: width - 1 - Math.round(4 * scale), y: 20 }, WHITE, 16);
    }
  });
}

test("colours are the same over RTSP", SLOW, async () => {
  const file = await colourBars(WIDTH, HEIGHT, { frames: 30, matrix: "bt709" });
  await using camera = await startCamera({ file });
  const formats = ["rgb24", "bgra"] as const;
  await Promise.all(formats.map(async (format) => {
    assertBars(await firstFrame(camera.url, { format, width: 160 }));
  }));
});
