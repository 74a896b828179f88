/** Planar RGB as models take it: the right bytes in every size. */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { type Frame, FrameReleasedError, type PixelFormat, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { colourBars, colourPatches } from "../../support/patterns.ts";
import { within } from "../../support/waiting.ts";
import { firstFrame, SLOW, SMALL } from "../reading.ts";
import {
  assertLikeFfmpeg,
  assertPixels,
  F32,
  indexOf,
  levelsOf,
  picture,
  type PictureRecipe,
  U8,
} from "./tensor_pixels.ts";

const PLANES = ["R", "G", "B"];

/**
 * Fails unless the floats are the bytes, but for what rounding to a byte can make.
 * Noise has a few colours so far outside of RGB that libswscale's floats wrap from
 * below 0 to 1, in ffmpeg itself as well.
 */
function assertFloats(floats: Frame, bytes: Frame): void {
  let wrapped = 0;
  assertPixels(floats, () => true, (level, channel, x, y) => {
    const byte = bytes.data[indexOf(bytes, channel, x, y)]!;
    if (byte === 0 && level === 1) wrapped++;
    else return level >= 0 && level <= 1 && Math.abs(level - byte / 255) <= 1 / 255;
    return true;
  });
  assert(wrapped < 10, `${wrapped} values have wrapped`);
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
      const seen = PLANES.map((_, channel) => levels[indexOf(frame, channel, x, y)]! / unit);
      assert(seen.every((level, i) => Math.abs(level - rgb[i]!) <= 4), `${name} is ${seen}`);
    }
  }));
});
