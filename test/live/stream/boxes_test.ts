/** The way back: a box in the frame is a box in the camera's picture. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import type { Frame, Rect, VideoStreamOptions } from "../../../mod.ts";
import { makeVideo } from "../../support/media.ts";
import { firstFrame, SLOW } from "../reading.ts";
import { F32, indexOf, levelsOf, picture, U8 } from "./tensor_pixels.ts";

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
      const [red, green] = [0, 1].map((channel) => levels[indexOf(frame, channel, x, y)]! / unit);
      // Half way from grey to red.
      if (red! - green! < 128) continue;
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
        edges(back).every((edge, i) => Math.abs(edge - expected[i]!) <= 2),
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
