import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  codedPart,
  type Orientation,
  orientationOf,
  packOrientation,
  turnedSize,
  turnOf,
  unpackOrientation,
  UPRIGHT,
} from "../../../src/core/frame/orientation.ts";
import { forAll } from "../property.ts";

const ALL: readonly Orientation[] = ([0, 90, 180, 270] as const).flatMap((rotation) =>
  [false, true].map((mirrored) => ({ rotation, mirrored }))
);

/** A display matrix that turns clockwise, and then mirrors. */
function matrixOf({ rotation, mirrored }: Orientation, unit = 0x10000): number[] {
  const [cos, sin] = {
    0: [1, 0],
    90: [0, 1],
    180: [-1, 0],
    270: [0, -1],
  }[rotation] as [number, number];
  const across = mirrored ? -unit : unit;
  return [cos * across, sin * unit, 0, -sin * across, cos * unit, 0, 0, 0, 0x40000000];
}

test("a display matrix says how a picture is turned and mirrored", () => {
  for (const orientation of ALL) {
    for (const unit of [1, 0x8000, 0x10000, 0x7fffffff]) {
      assertEquals(orientationOf(matrixOf(orientation, unit)), orientation);
    }
  }
});

test("a matrix that is none, or turns by another angle, leaves a picture as it is", () => {
  assertEquals(orientationOf([]), UPRIGHT);
  assertEquals(orientationOf(new Int32Array(9)), UPRIGHT);
  const tilted = [46341, 46341, 0, -46341, 46341, 0, 0, 0, 0x40000000];
  assertEquals(orientationOf(tilted), UPRIGHT);
  // One degree is a camera that stands badly.
  const nearly = [65526, 1144, 0, -1144, 65526, 0, 0, 0, 0x40000000];
  assertEquals(orientationOf(nearly), UPRIGHT);
  assertEquals(orientationOf([0, 65000, 0, -65536, 20, 0]).rotation, 90);
});

test("an orientation is a number for other threads", () => {
  const numbers = ALL.map(packOrientation);
  assertEquals(numbers.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assertEquals(numbers.map(unpackOrientation), ALL);
  assertEquals(packOrientation(UPRIGHT), 0);
});

/** Where a pixel of a coded picture goes, by the matrix. */
function byMatrix(orientation: Orientation, x: number, y: number, size: [number, number]) {
  const [a, b, , c, d] = matrixOf(orientation, 1) as [number, number, number, number, number];
  const turned = (u: number, v: number) => [a * u + c * v, b * u + d * v] as const;
  const corners = [turned(0, 0), turned(size[0] - 1, size[1] - 1)];
  const [left, top] = [0, 1].map((i) => Math.min(corners[0]![i]!, corners[1]![i]!));
  const [u, v] = turned(x, y);
  return [u - left!, v - top!];
}

/** The same by what is done to rows and columns. */
function byTurn(orientation: Orientation, x: number, y: number, size: [number, number]) {
  const { transposed, flipX, flipY } = turnOf(orientation);
  const { width, height } = turnedSize({ width: size[0], height: size[1] }, orientation);
  const [u, v] = transposed ? [y, x] : [x, y];
  return [flipX ? width - 1 - u : u, flipY ? height - 1 - v : v];
}

test("rows and columns are turned as the matrix says", () => {
  forAll(300, (random) => {
    const orientation = random.pick(ALL);
    const size: [number, number] = [random.integer(1, 9), random.integer(1, 9)];
    const [x, y] = [random.integer(0, size[0] - 1), random.integer(0, size[1] - 1)];
    const turned = byTurn(orientation, x, y, size).map((place) => place + 0);
    assertEquals(turned, byMatrix(orientation, x, y, size).map((place) => place + 0));
  });
});

test("a part of the turned picture is found in the coded one", () => {
  forAll(300, (random) => {
    const orientation = random.pick(ALL);
    const coded = { width: random.integer(2, 40), height: random.integer(2, 40) };
    const whole = turnedSize(coded, orientation);
    const [x, y] = [random.integer(0, whole.width - 1), random.integer(0, whole.height - 1)];
    const part = {
      ...{ x, y },
      width: random.integer(1, whole.width - x),
      height: random.integer(1, whole.height - y),
    };
    const found = codedPart(part, coded, orientation);
    const corners = [
      [found.x, found.y],
      [found.x + found.width - 1, found.y + found.height - 1],
    ].map(([u, v]) => byTurn(orientation, u!, v!, [coded.width, coded.height]));
    const sides = (i: 0 | 1) => [corners[0]![i]!, corners[1]![i]!].toSorted((p, q) => p - q);
    assertEquals(sides(0), [x, x + part.width - 1]);
    assertEquals(sides(1), [y, y + part.height - 1]);
  });
});
