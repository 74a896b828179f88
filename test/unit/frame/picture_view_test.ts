import { assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import { pixelRatio } from "../../../src/core/frame/geometry.ts";
import { type Orientation, UPRIGHT } from "../../../src/core/frame/orientation.ts";
import { layOut, type LayoutOptions, saneRatio } from "../../../src/core/frame/picture_view.ts";

const PAL = { width: 704, height: 576 };
const WIDE = 16 / 11;
const LEFT: Orientation = { rotation: 270, mirrored: false };

function placed(
  options: Partial<LayoutOptions> = {},
  orientation = UPRIGHT,
  sampleAspectRatio = WIDE,
) {
  const all = { fit: "fill", autorotate: true, squarePixels: true, ...options } as const;
  const layout = layOut(PAL, { orientation, sampleAspectRatio }, all);
  const { frame, target, source } = layout.placement;
  const ratio = pixelRatio(layout.placement, layout.sampleAspectRatio);
  return { ...layout, frame, target, source, ratio };
}

test("pixels that are not square give a frame more columns, or more rows", () => {
  assertEquals(placed().frame, { width: 1024, height: 576 });
  assertEquals(placed({}, UPRIGHT, 11 / 16).frame, { width: 704, height: 838 });
  assertEquals(placed({}, UPRIGHT, 1).frame, PAL);
  assertEquals(placed({}, LEFT).frame, { width: 576, height: 1024 });
  for (const seen of [placed(), placed({}, LEFT), placed({}, UPRIGHT, 11 / 16)]) {
    assertEquals(seen.ratio, 1);
  }
});

test("a side that was not asked for follows from the shape that is seen", () => {
  assertEquals(placed({ width: 640 }).frame, { width: 640, height: 360 });
  assertEquals(placed({ height: 360 }).frame, { width: 640, height: 360 });
  assertEquals(placed({ height: 640 }, LEFT).frame, { width: 360, height: 640 });
});

test("contain: the picture has the shape that is seen", () => {
  const box = { width: 640, height: 640, fit: "contain" } as const;
  assertEquals(placed(box).target, { x: 0, y: 140, width: 640, height: 360 });
  assertEquals(placed(box, LEFT).target, { x: 140, y: 0, width: 360, height: 640 });
  assertEquals(placed(box).ratio, 1);
});

test("cover: what is cut off has the shape that is seen", () => {
  const { source, target, ratio } = placed({ width: 640, height: 640, fit: "cover" });
  // Of 1024x576 the middle 576x576, which are 396 pixels wide.
  assertEquals(source, { x: 154, y: 0, width: 396, height: 576 });
  assertEquals([target.width, target.height, ratio], [640, 640, 1]);
});

test("fill: the frame is stretched, and says so", () => {
  assertAlmostEquals(placed({ width: 640, height: 640 }).ratio, 16 / 9);
});

test("the coded picture can be had", () => {
  const coded = { autorotate: false, squarePixels: false };
  const seen = placed(coded, LEFT);
  assertEquals([seen.frame, seen.picture, seen.orientation], [PAL, PAL, UPRIGHT]);
  assertEquals(seen.ratio, WIDE);
  const box = { ...coded, width: 640, height: 640, fit: "contain" } as const;
  assertEquals(placed(box).target, { x: 0, y: 58, width: 640, height: 524 });
  // Turned, its pixels are as high as they were wide.
  assertEquals(placed({ squarePixels: false }, LEFT).ratio, 1 / WIDE);
});

test("a ratio that no pixel has is that of a square", () => {
  for (const [num, den] of [[0, 1], [0, 0], [1, 0], [-1, 1], [100, 1], [1, 100], [1, 1]]) {
    assertEquals(saneRatio({ num: num!, den: den! }), 1);
  }
  // Encoders round.
  assertEquals(saneRatio({ num: 4352, den: 4353 }), 1);
  assertEquals(saneRatio({ num: 12, den: 11 }), 12 / 11);
});
