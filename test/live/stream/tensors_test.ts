/** Planar RGB as models take it: the right bytes in every size, and the way back to the camera's picture. */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  type Frame,
  FrameReleasedError,
  type PixelFormat,
  type Rect,
  VideoStream,
  type VideoStreamOptions,
} from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { makeVideo, resolutionChange } from "../../support/media.ts";
import { colourBars, colourPatches } from "../../support/patterns.ts";
import { ffmpeg, firstFrame, SLOW, SMALL, TemporaryDirectory, within } from "../reading.ts";

const U8 = "rgb-planar-u8";
const F32 = "rgb-planar-f32";
const PLANES = ["R", "G", "B"];
/** Which plane of libav's gbrp is red, green and blue. */
const GBR = [2, 0, 1];

type Levels = Uint8Array | Float32Array;

/** The values of a frame: bytes, or floats where it has them. */
function levelsOf(frame: Frame): Levels {
  return frame.format === F32 ? frame.floats : frame.data;
}

/** Where a channel of a pixel is among the values. */
function indexOf(frame: Frame, channel: number, x: number, y: number): number {
  const { format, width, height, channels } = frame;
  return format === U8 || format === F32
    ? (channel * height + y) * width + x
    : (y * width + x) * channels + channel;
}

/** Fails unless every channel of every pixel of an area is good, and says how many are not. */
function assertPixels(
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
        const level = levels[indexOf(frame, channel, x, y)];
        if (isGood(level, channel, x, y)) continue;
        if (count++ < 5) bad.push(`${level} at ${x},${y} of channel ${channel}`);
      }
    }
  }
  const what = `frame ${frame.index}, ${format} in ${width}x${height}`;
  assert(count === 0, `${what}: ${count} values are wrong, the first are ${bad.join("; ")}`);
}

function isInside({ x, y, width, height }: Rect) {
  return (column: number, row: number) =>
    column >= x && row >= y && column < x + width && row < y + height;
}

/** What the ffmpeg command makes of a file's first picture in this size. */
async function reference(
  file: string,
  { width, height }: { width: number; height: number },
  pixelFormat: "gbrp" | "rgb24",
): Promise<Uint8Array> {
  await using directory = await TemporaryDirectory.make();
  const raw = directory.file("picture.raw");
  // From FFmpeg 7.1 on the command takes a short cut for planes as well.
  const accurate = pixelFormat === "gbrp" ? "+accurate_rnd" : "";
  const scale = `scale=${width}:${height}:flags=bicubic${accurate}`;
  const output = ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", pixelFormat];
  await ffmpeg("-i", file, "-vf", scale, ...output, raw);
  const bytes = new Uint8Array(await readFile(raw));
  assertEquals(bytes.length, width * height * 3);
  return bytes;
}

/** Fails unless the part of the frame is what the ffmpeg command makes of the picture. */
async function assertLikeFfmpeg(frame: Frame, file: string, area: Rect): Promise<void> {
  const packed = frame.format === "rgb24";
  const expected = await reference(file, area, packed ? "rgb24" : "gbrp");
  const at = (channel: number, x: number, y: number) =>
    packed ? (y * area.width + x) * 3 + channel : (GBR[channel] * area.height + y) * area.width + x;
  assertPixels(frame, isInside(area), (level, channel, x, y) => {
    return level === expected[at(channel, x - area.x, y - area.y)];
  });
}

/**
 * Fails unless the floats are the bytes, but for what rounding to a byte can make.
 * Noise has a few colours so far outside of RGB that libswscale's floats wrap from
 * below 0 to 1, in ffmpeg itself as well.
 */
function assertFloats(floats: Frame, bytes: Frame): void {
  let wrapped = 0;
  assertPixels(floats, () => true, (level, channel, x, y) => {
    const byte = bytes.data[indexOf(bytes, channel, x, y)];
    if (byte === 0 && level === 1) wrapped++;
    else return level >= 0 && level <= 1 && Math.abs(level - byte / 255) <= 1 / 255;
    return true;
  });
  assert(wrapped < 10, `${wrapped} values have wrapped`);
}

interface PictureRecipe {
  width: number;
  height: number;
  codec?: "h264" | "mjpeg";
  matrix?: "bt601" | "bt709";
}

/** Bright and noisy up to its edges, so that nothing that is in a wrong place looks right. */
function picture({ width, height, codec = "h264", matrix }: PictureRecipe): Promise<string> {
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

/** Sizes in which a row ends where libswscale's vectors do not. */
const PICTURES: PictureRecipe[] = [
  { width: 320, height: 180 },
  { width: 426, height: 240 },
  { width: 360, height: 202 },
  { width: 600, height: 338 },
  { width: 1080, height: 608 },
  { width: 639, height: 479 },
  { width: 33, height: 17 },
  { width: 640, height: 360, matrix: "bt709" },
  { width: 426, height: 240, codec: "mjpeg" },
  { width: 639, height: 479, codec: "mjpeg" },
];
for (const recipe of PICTURES) {
  const { width, height } = recipe;
  const what = Object.values(recipe).join(" ");
  const whole = { x: 0, y: 0, width, height };

  test(`${U8} has the bytes that ffmpeg has, in three planes: ${what}`, SLOW, async () => {
    const file = await picture(recipe);
    const frame = await firstFrame(file, { format: U8 });
    assertEquals(frame.shape, [3, height, width]);
    assertEquals([frame.channels, frame.data.length], [3, 3 * width * height]);
    await assertLikeFfmpeg(frame, file, whole);
  });

  test(`${F32} has the bytes of ${U8} as numbers from 0 to 1: ${what}`, SLOW, async () => {
    const file = await picture(recipe);
    const bytes = await firstFrame(file, { format: U8 });
    const frame = await firstFrame(file, { format: F32 });
    assertEquals(frame.shape, [3, height, width]);
    assertEquals([frame.channels, frame.data.length], [3, 12 * width * height]);
    assertEquals(frame.floats.length, 3 * width * height);
    assertFloats(frame, bytes);
  });
}

const SCALED: { from: PictureRecipe; into: { width: number; height: number } }[] = [
  { from: { width: 640, height: 360 }, into: { width: 218, height: 122 } },
  { from: { width: 320, height: 240 }, into: { width: 450, height: 338 } },
  { from: { width: 639, height: 479 }, into: { width: 101, height: 51 } },
];
for (const { from, into } of SCALED) {
  test(`planes of another size, ${into.width}x${into.height}, are whole`, SLOW, async () => {
    const file = await picture(from);
    const whole = { x: 0, y: 0, ...into };
    const bytes = await firstFrame(file, { ...into, format: U8 });
    await assertLikeFfmpeg(bytes, file, whole);
    const floats = await firstFrame(file, { ...into, format: F32 });
    assertFloats(floats, bytes);
  });
}

test("white is 1 and black is 0 as floats", SLOW, async () => {
  for (const [colour, expected] of [["white", 1], ["black", 0]] as const) {
    const file = await makeVideo({ name: colour, frames: 2, source: `color=${colour}:size=64x48` });
    const bytes = await firstFrame(file, { format: U8 });
    assert(bytes.data.every((byte) => byte === expected * 255));
    const { floats } = await firstFrame(file, { format: F32 });
    // What rounds to another byte is another colour.
    const worst = floats.reduce((a, b) => Math.abs(b - expected) > Math.abs(a - expected) ? b : a);
    assertAlmostEquals(worst, expected, 0.5 / 255, `${colour} is ${worst}`);
  }
});

test("floats are the frame's own bytes, and of that format only", SLOW, async () => {
  const file = await colourBars(SMALL.width, SMALL.height, { frames: 3 });
  await using stream = new VideoStream(file, { format: F32 });
  const frame = await within("frame", stream.next());
  const copy = frame.copy();
  assert(frame.floats.buffer === frame.data.buffer);
  assert(copy.floats.buffer !== frame.data.buffer);
  assertEquals(copy.floats, frame.floats);
  await within("next frame", stream.next());
  assertThrows(() => frame.floats, FrameReleasedError);
  assertEquals(copy.floats.length, 3 * SMALL.width * SMALL.height);
  const bytes = await firstFrame(file, { format: U8 });
  assertThrows(() => bytes.floats, TypeError, F32);
});

test("the planes of a live camera have its colours", SLOW, async () => {
  const file = await colourBars(SMALL.width, SMALL.height, { frames: 30, matrix: "bt709" });
  await using camera = await startCamera({ file });
  await Promise.all([U8, F32].map(async (format) => {
    const frame = await firstFrame(camera.url, { format: format as PixelFormat, width: 160 });
    assertEquals(frame.shape, [3, 90, 160]);
    const levels = levelsOf(frame);
    const unit = format === F32 ? 1 / 255 : 1;
    for (const { name, rgb, x, y } of colourPatches(160, 90)) {
      const seen = PLANES.map((_, channel) => levels[indexOf(frame, channel, x, y)] / unit);
      assert(seen.every((level, i) => Math.abs(level - rgb[i]) <= 4), `${name} is ${seen}`);
    }
  }));
});

/** The picture's size, that of the frame, and where in it the picture is. */
interface Contained {
  from: PictureRecipe;
  into: { width: number; height: number };
  area: Rect;
}

const CONTAINED: Contained[] = [
  // In its own size, with bars left and right, then above and below.
  {
    from: { width: 426, height: 240 },
    into: { width: 436, height: 240 },
    area: { x: 4, y: 0, width: 426, height: 240 },
  },
  {
    from: { width: 426, height: 240 },
    into: { width: 426, height: 426 },
    area: { x: 0, y: 92, width: 426, height: 240 },
  },
  {
    from: { width: 360, height: 202 },
    into: { width: 640, height: 202 },
    area: { x: 140, y: 0, width: 360, height: 202 },
  },
  // One column is left.
  {
    from: { width: 426, height: 240 },
    into: { width: 427, height: 240 },
    area: { x: 0, y: 0, width: 426, height: 240 },
  },
  // In another size.
  {
    from: { width: 640, height: 640 },
    into: { width: 600, height: 338 },
    area: { x: 130, y: 0, width: 338, height: 338 },
  },
  {
    from: { width: 320, height: 240 },
    into: { width: 640, height: 338 },
    area: { x: 94, y: 0, width: 450, height: 338 },
  },
  {
    from: { width: 1080, height: 608 },
    into: { width: 600, height: 600 },
    area: { x: 0, y: 130, width: 600, height: 338 },
  },
  {
    from: { width: 639, height: 479 },
    into: { width: 101, height: 50 },
    area: { x: 16, y: 0, width: 66, height: 50 },
  },
  {
    from: { width: 639, height: 479 },
    into: { width: 321, height: 299 },
    area: { x: 0, y: 28, width: 321, height: 240 },
  },
];
for (const { from, into, area } of CONTAINED) {
  const what = `${from.width}x${from.height} in ${into.width}x${into.height}`;
  const options: VideoStreamOptions = { ...into, fit: "contain" };
  for (const format of [U8, F32, "rgb24", "bgra", "gray8"] as const) {
    test(`the bars of ${format} are black to their last pixel: ${what}`, SLOW, async () => {
      const file = await picture(from);
      await using stream = new VideoStream(file, { ...options, format });
      const isIn = isInside(area);
      let frames = 0;
      const read = async () => {
        for await (const frame of stream) {
          frames++;
          assertEquals([frame.width, frame.height], [into.width, into.height]);
          assertPixels(frame, (x, y) => !isIn(x, y), (level) => level === 0);
        }
      };
      await within("end of the file", read());
      assertEquals(frames, 3);
    });
  }

  for (const format of [U8, "rgb24"] as const) {
    test(`the contained picture is whole in ${format}: ${what}`, SLOW, async () => {
      const file = await picture(from);
      const frame = await firstFrame(file, { ...options, format });
      await assertLikeFfmpeg(frame, file, area);
    });
  }
}

/** Of 640x360 and then of 320x240. */
const MOVING: { into: { width: number; height: number }; areas: [Rect, Rect] }[] = [
  {
    into: { width: 436, height: 240 },
    areas: [{ x: 4, y: 0, width: 426, height: 240 }, { x: 58, y: 0, width: 320, height: 240 }],
  },
  {
    into: { width: 330, height: 322 },
    areas: [{ x: 0, y: 68, width: 330, height: 186 }, { x: 0, y: 36, width: 330, height: 248 }],
  },
  {
    into: { width: 400, height: 240 },
    areas: [{ x: 0, y: 6, width: 400, height: 226 }, { x: 40, y: 0, width: 320, height: 240 }],
  },
  {
    into: { width: 400, height: 280 },
    areas: [{ x: 0, y: 26, width: 400, height: 226 }, { x: 12, y: 0, width: 374, height: 280 }],
  },
];
for (const { into, areas } of MOVING) {
  for (const format of [U8, F32, "rgb24"] as const) {
    const what = `${format} in ${into.width}x${into.height}`;
    test(`bars that move with the picture's size are black: ${what}`, SLOW, async () => {
      const options = { ...into, fit: "contain", format } as const;
      await using stream = new VideoStream(await resolutionChange(), options);
      let frames = 0;
      const read = async () => {
        for await (const frame of stream) {
          frames++;
          const second = frame.transform.source.width === 320;
          assertEquals(second, frame.index >= 30);
          const isIn = isInside(areas[second ? 1 : 0]);
          assertPixels(frame, (x, y) => !isIn(x, y), (level) => level === 0);
        }
      };
      await within("end of the file", read(), 30_000);
      assertEquals(frames, 60);
    });
  }
}

/** A red box on grey. */
function boxVideo(width: number, height: number, box: Rect): Promise<string> {
  const { x, y, width: w, height: h } = box;
  return makeVideo({
    name: "box",
    frames: 3,
    source: `color=gray:size=${width}x${height}:rate=30,format=yuv444p,` +
      `drawbox=x=${x}:y=${y}:w=${w}:h=${h}:color=red:t=fill`,
    extra: ["-pix_fmt", "yuv444p", "-crf", "4"],
  });
}

/** The box around the red pixels. */
function findBox(frame: Frame): Rect {
  const levels = levelsOf(frame);
  const unit = frame.format === F32 ? 1 / 255 : 1;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < frame.width; x++) {
      const [red, green] = [0, 1].map((channel) => levels[indexOf(frame, channel, x, y)] / unit);
      // Half way from grey to red.
      if (red - green < 128) continue;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
  }
  assert(right > left, "no box");
  return { x: left, y: top, width: right - left, height: bottom - top };
}

const BOXES: { picture: [number, number]; box: Rect; options: VideoStreamOptions }[] = [
  ...[
    { width: 640, height: 640, fit: "contain" },
    { width: 416, height: 416, fit: "contain" },
    { width: 1000, height: 360, fit: "contain" },
    { width: 333, height: 201, fit: "contain" },
    { width: 300, height: 300, fit: "cover" },
    { width: 360, height: 200, fit: "cover" },
    { width: 640, height: 200, fit: "cover" },
    { width: 321, height: 243, fit: "cover" },
    { width: 500, height: 333, fit: "fill" },
  ].map((options) => ({
    picture: [640, 360] as [number, number],
    box: { x: 210, y: 130, width: 145, height: 77 },
    options: options as VideoStreamOptions,
  })),
  {
    picture: [360, 640],
    box: { x: 101, y: 233, width: 90, height: 111 },
    options: { width: 640, height: 640, fit: "contain" },
  },
  {
    picture: [360, 640],
    box: { x: 101, y: 233, width: 90, height: 111 },
    options: { width: 320, height: 240, fit: "cover" },
  },
];
for (const { picture: [width, height], box, options } of BOXES) {
  const what = `${width}x${height} with ${JSON.stringify(options)}`;
  test(`a box that is found in the frame is found in the picture: ${what}`, SLOW, async () => {
    const file = await boxVideo(width, height, box);
    for (const format of [U8, F32, "rgb24"] as const) {
      const frame = await firstFrame(file, { ...options, format });
      assertEquals(frame.transform.source, { width, height });
      const found = findBox(frame);
      const back = frame.transform.boxToSource(found);
      const edges = ({ x, y, width, height }: Rect) => [x, y, x + width, y + height];
      const expected = edges(box);
      assert(
        edges(back).every((edge, i) => Math.abs(edge - expected[i]) <= 2),
        `${format}: ${edges(found)} in the frame is ${edges(back)}, not ${expected}`,
      );
      // And a point of the picture is at that place in the frame.
      const corner = frame.transform.pointToFrame(box);
      assertAlmostEquals(corner.x, found.x, 2 * Math.max(1, frame.transform.scaleX));
      assertAlmostEquals(corner.y, found.y, 2 * Math.max(1, frame.transform.scaleY));
    }
  });
}

test(
  "a box that covers the whole frame is the whole picture, or what is left of it",
  SLOW,
  async () => {
    const file = await picture({ width: 640, height: 360 });
    const boxOf = async (options: VideoStreamOptions) => {
      const { transform, width, height } = await firstFrame(file, { ...options, format: U8 });
      return transform.boxToSource({ x: 0, y: 0, width, height });
    };
    const whole = { x: 0, y: 0, width: 640, height: 360 };
    assertEquals(await boxOf({}), whole);
    assertEquals(await boxOf({ width: 300, height: 300, fit: "contain" }), whole);
    assertEquals(await boxOf({ width: 160, height: 200, fit: "contain" }), whole);
    const cut = await boxOf({ width: 300, height: 300, fit: "cover" });
    assertEquals([cut.y, cut.height, cut.width], [0, 360, 360]);
    assertAlmostEquals(cut.x, 140, 2);
  },
);
