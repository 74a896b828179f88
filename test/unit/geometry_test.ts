import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { test } from "node:test";
import { FITS, frameSize, place, type Rect, type Size } from "../../src/core/geometry.ts";
import { Seeded } from "./seeded.ts";

const HD = { width: 1920, height: 1080 };
const VGA = { width: 640, height: 480 };

function rect(x: number, y: number, width: number, height: number): Rect {
  return { x, y, width, height };
}

test("frameSize() is the picture's size when none was asked for", () => {
  assertEquals(frameSize(HD), HD);
  assertEquals(frameSize({ width: 351, height: 287 }), { width: 351, height: 287 });
});

test("frameSize() is what was asked for, odd sides too", () => {
  assertEquals(frameSize(HD, 641, 479), { width: 641, height: 479 });
});

test("frameSize() finds the side that was not asked for by the picture's shape", () => {
  assertEquals(frameSize(HD, 640), { width: 640, height: 360 });
  assertEquals(frameSize(HD, undefined, 720), { width: 1280, height: 720 });
  assertEquals(frameSize({ width: 1080, height: 1920 }, 360), { width: 360, height: 640 });
});

test("frameSize() rounds the side it finds to an even number, at least 2", () => {
  assertEquals(frameSize(HD, 641), { width: 641, height: 360 });
  assertEquals(frameSize(HD, 645), { width: 645, height: 362 });
  assertEquals(frameSize({ width: 1000, height: 2 }, 10), { width: 10, height: 2 });
});

test("place() with fill uses the whole picture for the whole frame", () => {
  assertEquals(place(HD, VGA, "fill"), {
    frame: VGA,
    source: rect(0, 0, 1920, 1080),
    target: rect(0, 0, 640, 480),
  });
});

test("place() with contain leaves bars above and below a wide picture", () => {
  const { source, target } = place(HD, VGA, "contain");
  assertEquals(source, rect(0, 0, 1920, 1080));
  assertEquals(target, rect(0, 60, 640, 360));
});

test("place() with contain leaves bars beside a tall picture", () => {
  assertEquals(place(VGA, HD, "contain").target, rect(240, 0, 1440, 1080));
});

test("place() with cover cuts the sides of a wide picture", () => {
  const { source, target } = place(HD, VGA, "cover");
  assertEquals(source, rect(240, 0, 1440, 1080));
  assertEquals(target, rect(0, 0, 640, 480));
});

test("place() with cover cuts above and below a tall picture", () => {
  assertEquals(place({ width: 1080, height: 1920 }, HD, "cover").source, rect(0, 656, 1080, 608));
});

test("place() neither cuts nor leaves bars when the shapes are the same", () => {
  for (const fit of FITS) {
    for (const picture of [HD, { width: 3840, height: 2160 }, { width: 16, height: 9 }]) {
      const { source, target } = place(picture, HD, fit);
      assertEquals(source, { x: 0, y: 0, ...picture }, fit);
      assertEquals(target, { x: 0, y: 0, ...HD }, fit);
    }
  }
});

test("place() keeps the odd pixel of a side that reaches the edge", () => {
  const odd = { width: 641, height: 479 };
  const { target } = place(HD, odd, "contain");
  assertEquals(target.width, 641);
  assertEquals(place(odd, odd, "cover").source, { x: 0, y: 0, ...odd });
});

function checkInner(inner: Rect, outer: Size, shape: Size, message: string): void {
  assertGreaterOrEqual(inner.x, 0, message);
  assertGreaterOrEqual(inner.y, 0, message);
  assertGreater(inner.width, 0, message);
  assertGreater(inner.height, 0, message);
  assertLessOrEqual(inner.x + inner.width, outer.width, message);
  assertLessOrEqual(inner.y + inner.height, outer.height, message);
  assertEquals([inner.x % 2, inner.y % 2], [0, 0], message);
  // As large as can be: one of the sides reaches the edge.
  assert(inner.width === outer.width || inner.height === outer.height, message);
  // A side that does not is even, and within one pixel of the exact shape (but at least 2).
  const scale = Math.min(outer.width / shape.width, outer.height / shape.height);
  for (const side of ["width", "height"] as const) {
    if (inner[side] !== outer[side]) assertEquals(inner[side] % 2, 0, message);
    const exact = Math.max(shape[side] * scale, Math.min(2, outer[side]));
    assertLessOrEqual(Math.abs(inner[side] - exact), 1 + 1e-9, message);
  }
  // Centred: what is left on both sides differs by less than two pixels of rounding each.
  const [left, right] = [inner.x, outer.width - inner.width - inner.x];
  const [above, below] = [inner.y, outer.height - inner.height - inner.y];
  for (const difference of [right - left, below - above]) {
    assertGreaterOrEqual(difference, 0, message);
    assertLessOrEqual(difference, 3, message);
  }
}

test("place() keeps shapes, centres, and stays inside, for sizes of all kinds", () => {
  const random = new Seeded(5);
  const size = (): Size => ({
    width: random.integer(2, random.pick([8, 100, 4096])),
    height: random.integer(2, random.pick([8, 100, 4096])),
  });
  for (let run = 0; run < 5_000; run++) {
    const [picture, frame] = [size(), size()];
    const message = JSON.stringify({ picture, frame });
    const contain = place(picture, frame, "contain");
    assertEquals(contain.source, { x: 0, y: 0, ...picture }, message);
    checkInner(contain.target, frame, picture, message);
    const cover = place(picture, frame, "cover");
    assertEquals(cover.target, { x: 0, y: 0, ...frame }, message);
    checkInner(cover.source, picture, frame, message);
    for (const placement of [contain, cover]) assertEquals(placement.frame, frame, message);
  }
});

test("frameSize() keeps the shape within one pixel, for sizes of all kinds", () => {
  const random = new Seeded(6);
  for (let run = 0; run < 2_000; run++) {
    const picture = { width: random.integer(16, 4096), height: random.integer(16, 4096) };
    const side = random.integer(2, 4096);
    const byWidth = frameSize(picture, side);
    const byHeight = frameSize(picture, undefined, side);
    const message = JSON.stringify({ picture, side });
    assertEquals([byWidth.width, byHeight.height], [side, side], message);
    assertEquals([byWidth.height % 2, byHeight.width % 2], [0, 0], message);
    const height = Math.max(2, side * picture.height / picture.width);
    const width = Math.max(2, side * picture.width / picture.height);
    assertLessOrEqual(Math.abs(byWidth.height - height), 1 + 1e-9, message);
    assertLessOrEqual(Math.abs(byHeight.width - width), 1 + 1e-9, message);
  }
});
