import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import {
  type Fit,
  FITS,
  frameSize,
  FrameTransform,
  place,
  type Point,
  type Rect,
  type Size,
} from "../../../src/core/frame/geometry.ts";
import { type Drawn, forAll } from "../property.ts";

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
  assertEquals(frameSize(HD, { width: 641, height: 479 }), { width: 641, height: 479 });
});

test("frameSize() finds the side that was not asked for by the picture's shape", () => {
  assertEquals(frameSize(HD, { width: 640 }), { width: 640, height: 360 });
  assertEquals(frameSize(HD, { height: 720 }), { width: 1280, height: 720 });
  assertEquals(frameSize({ width: 1080, height: 1920 }, { width: 360 }), {
    width: 360,
    height: 640,
  });
});

test("frameSize() rounds the side it finds to an even number, at least 2", () => {
  assertEquals(frameSize(HD, { width: 641 }), { width: 641, height: 360 });
  assertEquals(frameSize(HD, { width: 645 }), { width: 645, height: 362 });
  assertEquals(frameSize({ width: 1000, height: 2 }, { width: 10 }), { width: 10, height: 2 });
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

function anySide(random: Drawn): number {
  return random.integer(2, random.pick([8, 100, 4096]));
}

function anySize(random: Drawn): Size {
  return { width: anySide(random), height: anySide(random) };
}

test("place() keeps shapes, centres, and stays inside, for sizes of all kinds", () => {
  forAll(1_500, (random) => {
    const [picture, frame] = [anySize(random), anySize(random)];
    const message = JSON.stringify({ picture, frame });
    const contain = place(picture, frame, "contain");
    assertEquals(contain.source, { x: 0, y: 0, ...picture }, message);
    checkInner(contain.target, frame, picture, message);
    const cover = place(picture, frame, "cover");
    assertEquals(cover.target, { x: 0, y: 0, ...frame }, message);
    checkInner(cover.source, picture, frame, message);
    for (const placement of [contain, cover]) assertEquals(placement.frame, frame, message);
  });
});

test("frameSize() keeps the shape within one pixel, for sizes of all kinds", () => {
  forAll(1_500, (random) => {
    const picture = { width: random.integer(16, 4096), height: random.integer(16, 4096) };
    const side = random.integer(2, 4096);
    const byWidth = frameSize(picture, { width: side });
    const byHeight = frameSize(picture, { height: side });
    const message = JSON.stringify({ picture, side });
    assertEquals([byWidth.width, byHeight.height], [side, side], message);
    assertEquals([byWidth.height % 2, byHeight.width % 2], [0, 0], message);
    const height = Math.max(2, side * picture.height / picture.width);
    const width = Math.max(2, side * picture.width / picture.height);
    assertLessOrEqual(Math.abs(byWidth.height - height), 1 + 1e-9, message);
    assertLessOrEqual(Math.abs(byHeight.width - width), 1 + 1e-9, message);
  });
});

function transformOf(source: Size, frame: Size, fit: Fit): FrameTransform {
  return new FrameTransform(source, place(source, frame, fit));
}

/** The numbers of a transform, across and down. */
function numbersOf({ scaleX, offsetX, scaleY, offsetY }: FrameTransform): number[] {
  return [scaleX, offsetX, scaleY, offsetY];
}

test("FrameTransform of a frame that is the picture changes nothing", () => {
  for (const fit of FITS) {
    const transform = transformOf(HD, HD, fit);
    assertEquals(numbersOf(transform), [1, 0, 1, 0], fit);
    assertEquals(transform.pointToSource({ x: 3.5, y: 1_080 }), { x: 3.5, y: 1_080 });
    assertEquals(transform.pointToFrame({ x: 0, y: 7 }), { x: 0, y: 7 });
    assertEquals(transform.boxToSource(rect(1, 2, 3, 4)), rect(1, 2, 3, 4));
  }
});

test("FrameTransform with fill stretches each direction by itself", () => {
  const transform = transformOf(HD, VGA, "fill");
  assertEquals(numbersOf(transform), [640 / 1920, 0, 480 / 1080, 0]);
  assertEquals(transform.pointToSource({ x: 320, y: 240 }), { x: 960, y: 540 });
  assertEquals(transform.boxToSource(rect(0, 0, 640, 480)), rect(0, 0, 1920, 1080));
  assertEquals(transform.boxToSource(rect(160, 120, 320, 240)), rect(480, 270, 960, 540));
});

test("FrameTransform with contain leaves the bars above and below out", () => {
  const transform = transformOf(HD, VGA, "contain");
  assertEquals(numbersOf(transform), [1 / 3, 0, 1 / 3, 60]);
  assertEquals(transform.pointToSource({ x: 0, y: 60 }), { x: 0, y: 0 });
  assertEquals(transform.pointToSource({ x: 640, y: 420 }), { x: 1920, y: 1080 });
  assertEquals(transform.pointToSource({ x: 0, y: 50 }), { x: 0, y: -30 });
  assertEquals(transform.pointToFrame({ x: 960, y: 540 }), { x: 320, y: 240 });
});

test("FrameTransform with contain leaves the bars left and right out", () => {
  const transform = transformOf(VGA, HD, "contain");
  assertEquals(numbersOf(transform), [2.25, 240, 2.25, 0]);
  assertEquals(transform.pointToSource({ x: 240, y: 0 }), { x: 0, y: 0 });
  assertEquals(transform.pointToSource({ x: 1_680, y: 1_080 }), { x: 640, y: 480 });
  assertEquals(transform.pointToSource({ x: 1_698, y: 9 }), { x: 648, y: 4 });
});

test("FrameTransform with cover counts from the edges that were cut off", () => {
  const sides = transformOf(HD, { width: 720, height: 540 }, "cover");
  assertEquals(numbersOf(sides), [0.5, -120, 0.5, 0]);
  assertEquals(sides.pointToFrame({ x: 0, y: 0 }), { x: -120, y: 0 });
  assertEquals(sides.boxToSource(rect(0, 0, 720, 540)), rect(240, 0, 1440, 1080));
  assertEquals(sides.boxToSource(rect(-200, 500, 100, 90)), rect(0, 1_000, 40, 80));
  const tall = { width: 1080, height: 1920 };
  const ends = transformOf(tall, { width: 540, height: 480 }, "cover");
  assertEquals(numbersOf(ends), [0.5, 0, 0.5, -240]);
  assertEquals(ends.pointToSource({ x: 270, y: 240 }), { x: 540, y: 960 });
  assertEquals(ends.boxToSource(rect(0, 0, 540, 480)), rect(0, 480, 1080, 960));
});

test("boxToSource() cuts a box at the edges of the picture", () => {
  const transform = transformOf(HD, VGA, "contain");
  assertEquals(transform.boxToSource(rect(0, 0, 640, 480)), rect(0, 0, 1920, 1080));
  assertEquals(transform.boxToSource(rect(600, 400, 100, 60)), rect(1_800, 1_020, 120, 60));
  assertEquals(transform.boxToSource(rect(-10, 40, 20, 40)), rect(0, 0, 30, 60));
});

test("boxToSource() makes a box in a bar or beside the frame empty, at the nearest edge", () => {
  const transform = transformOf(HD, VGA, "contain");
  const above = transform.boxToSource(rect(100, 0, 50, 60));
  assertEquals([above.y, above.height], [0, 0]);
  const below = transform.boxToSource(rect(100, 420, 50, 60));
  assertEquals([below.y, below.height], [1_080, 0]);
  const left = transformOf(VGA, HD, "contain").boxToSource(rect(20, 90, 200, 90));
  assertEquals(left, rect(0, 40, 0, 40));
  const right = transformOf(VGA, HD, "contain").boxToSource(rect(1_700, 90, 200, 90));
  assertEquals(right, rect(640, 40, 0, 40));
  assertEquals(transform.boxToSource(rect(700, -50, 10, 10)), rect(1_920, 0, 0, 0));
});

/** What models give that is no box, and what the message calls it. */
const NO_BOXES: readonly (readonly [unknown, string])[] = [
  [[1, 2, 3, 4], "a list of 4"],
  [new Float32Array(6), "a list of 6"],
  [{ left: 1, top: 2, right: 3, bottom: 4 }, "{ left: 1, top: 2, right: 3, bottom: 4 }"],
  [{ x: 1, y: 2, w: 3, h: 4 }, "{ x: 1, y: 2, w: 3, h: 4 }"],
  [{ x: 1, y: 2, width: "3", height: 4 }, '{ x: 1, y: 2, width: "3", height: 4 }'],
  [{ x: 1, y: 2, width: NaN, height: 4 }, "{ x: 1, y: 2, width: NaN, height: 4 }"],
  [{ x: 1n, y: 2, width: 3, height: 4 }, "{ x: 1n, y: 2, width: 3, height: 4 }"],
  [{ a: 1, b: {}, c: 3, d: 4, e: 5, f: 6, g: 7 }, "{ a: 1, b: an object, c: 3, d: 4, e: 5, f: 6,"],
  [{}, "{}"],
  [undefined, "undefined"],
  [null, "null"],
  ["1,2,3,4", '"1,2,3,4"'],
];

test("boxToSource() of another shape is an error that says which shape it takes", () => {
  const transform = transformOf(HD, VGA, "contain");
  for (const [box, shown] of NO_BOXES) {
    const error = assertThrows(() => transform.boxToSource(box as Rect), TypeError);
    const wanted = `The box must be { x, y, width, height }, each a number of pixels, got ${shown}`;
    assertStringIncludes(error.message, wanted);
  }
});

test("a point of another shape is an error that says which shape it takes", () => {
  const transform = transformOf(HD, VGA, "contain");
  const wanted = "The point must be { x, y }, each a number of pixels, got ";
  for (const turn of ["pointToSource", "pointToFrame"] as const) {
    for (const [point, shown] of [[[1, 2], "a list of 2"], [{ x: 1 }, "{ x: 1 }"]] as const) {
      const error = assertThrows(() => transform[turn](point as unknown as Point), TypeError);
      assertEquals(error.message, wanted + shown);
    }
  }
});

test("boxToSource() takes an object that inherits its numbers", () => {
  class Box {
    get x() {
      return 160;
    }
    y = 120;
    width = 320;
    height = 240;
  }
  assertEquals(transformOf(HD, VGA, "fill").boxToSource(new Box()), rect(480, 270, 960, 540));
});

test("FrameTransform has a plain copy of the picture's size", () => {
  const picture = { width: 64, height: 48, more: "not of a size" };
  const { source } = transformOf(picture, VGA, "fill");
  assertEquals(source, { width: 64, height: 48 });
  picture.width = 1;
  assertEquals(source.width, 64);
});

test("pointToSource() and pointToFrame() undo each other, for sizes of all kinds", () => {
  forAll(1_500, (random) => {
    const [picture, frame] = [anySize(random), anySize(random)];
    const fit = random.pick(FITS);
    const transform = transformOf(picture, frame, fit);
    const message = JSON.stringify({ picture, frame, fit });
    const point = {
      x: (random.number() * 3 - 1) * frame.width,
      y: (random.number() * 3 - 1) * frame.height,
    };
    const there = transform.pointToFrame(transform.pointToSource(point));
    const back = transform.pointToSource(transform.pointToFrame(point));
    for (const { x, y } of [there, back]) {
      assertAlmostEquals(x, point.x, 1e-6, message);
      assertAlmostEquals(y, point.y, 1e-6, message);
    }
  });
});

test("the used part of the picture is where the frame shows it, for sizes of all kinds", () => {
  forAll(1_500, (random) => {
    const [picture, frame] = [anySize(random), anySize(random)];
    const fit = random.pick(FITS);
    const { source, target } = place(picture, frame, fit);
    const transform = transformOf(picture, frame, fit);
    const message = JSON.stringify({ picture, frame, fit });
    for (const box of [target, rect(0, 0, frame.width, frame.height)]) {
      const part = transform.boxToSource(box);
      for (const name of ["x", "y", "width", "height"] as const) {
        assertAlmostEquals(part[name], source[name], 1e-6, message);
      }
    }
    const box = rect(
      random.integer(-frame.width, frame.width),
      random.integer(-frame.height, frame.height),
      anySide(random),
      anySide(random),
    );
    const { x, y, width, height } = transform.boxToSource(box);
    assertGreaterOrEqual(Math.min(x, y, width, height), 0, message);
    assertLessOrEqual(x + width, picture.width + 1e-9, message);
    assertLessOrEqual(y + height, picture.height + 1e-9, message);
  });
});
