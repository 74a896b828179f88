import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import {
  channelsOf,
  frameByteLength,
  isSubsampled,
  libavFormatName,
  PIXEL_FORMATS,
  type PixelFormat,
  planesOf,
  shapeOf,
} from "../../../src/core/frame/formats.ts";
import { forAll } from "../property.ts";

/** Bytes of a row and rows of each plane, written out once more by hand. */
function planeSizes(format: PixelFormat, width: number, height: number): [number, number][] {
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  switch (format) {
    case "rgb24":
    case "bgr24":
      return [[width * 3, height]];
    case "rgba":
    case "bgra":
      return [[width * 4, height]];
    case "gray8":
      return [[width, height]];
    case "yuv420p":
      return [[width, height], [halfWidth, halfHeight], [halfWidth, halfHeight]];
    case "nv12":
      return [[width, height], [halfWidth * 2, halfHeight]];
    case "rgb-planar-u8":
      return [[width, height], [width, height], [width, height]];
    case "rgb-planar-f32":
      return [[width * 4, height], [width * 4, height], [width * 4, height]];
  }
}

const SIZES = [[1, 1], [2, 2], [3, 3], [5, 2], [2, 5], [640, 480], [639, 479], [1920, 1080]];

/** libav's planes in the order of the bytes: planar RGB is G, B, R to it. */
function inMemory<T>(format: PixelFormat, planes: readonly T[]): readonly T[] {
  if (libavFormatName(format).startsWith("gbr")) return [planes[2]!, planes[0]!, planes[1]!];
  return planes;
}

test("the formats are those of the design", () => {
  const expected: PixelFormat[] = [
    "rgb24",
    "bgr24",
    "rgba",
    "bgra",
    "gray8",
    "yuv420p",
    "nv12",
    "rgb-planar-u8",
    "rgb-planar-f32",
  ];
  assertEquals([...PIXEL_FORMATS].sort(), [...expected].sort());
});

test("libavFormatName() gives libav's names", () => {
  const names = PIXEL_FORMATS.map((format) => [format, libavFormatName(format)]);
  assertEquals(Object.fromEntries(names), {
    rgb24: "rgb24",
    bgr24: "bgr24",
    rgba: "rgba",
    bgra: "bgra",
    gray8: "gray",
    yuv420p: "yuv420p",
    nv12: "nv12",
    "rgb-planar-u8": "gbrp",
    "rgb-planar-f32": "gbrpf32le",
  });
});

test("channelsOf() gives the values per pixel", () => {
  const channels = PIXEL_FORMATS.map((format) => [format, channelsOf(format)]);
  assertEquals(Object.fromEntries(channels), {
    rgb24: 3,
    bgr24: 3,
    rgba: 4,
    bgra: 4,
    gray8: 1,
    yuv420p: 3,
    nv12: 3,
    "rgb-planar-u8": 3,
    "rgb-planar-f32": 3,
  });
});

test("shapeOf() has the channels last, in the planar formats first, in 4:2:0 none at all", () => {
  const shapes = PIXEL_FORMATS.map((format) => [format, shapeOf(format, 640, 480)]);
  assertEquals(Object.fromEntries(shapes), {
    rgb24: [480, 640, 3],
    bgr24: [480, 640, 3],
    rgba: [480, 640, 4],
    bgra: [480, 640, 4],
    gray8: [480, 640, 1],
    yuv420p: undefined,
    nv12: undefined,
    "rgb-planar-u8": [3, 480, 640],
    "rgb-planar-f32": [3, 480, 640],
  });
});

test("shapeOf() counts the values that the bytes are", () => {
  for (const format of PIXEL_FORMATS) {
    const values = shapeOf(format, 639, 479)?.reduce((product, size) => product * size, 1);
    if (values === undefined) continue;
    const bytes = format === "rgb-planar-f32" ? 4 : 1;
    assertEquals(frameByteLength(format, 639, 479), values * bytes, format);
  }
});

test("isSubsampled() is true for the 4:2:0 formats alone", () => {
  assertEquals(PIXEL_FORMATS.filter(isSubsampled), ["yuv420p", "nv12"]);
});

test("frameByteLength() of 640 x 480 is what everybody knows", () => {
  assertEquals(frameByteLength("rgb24", 640, 480), 921_600);
  assertEquals(frameByteLength("rgba", 640, 480), 1_228_800);
  assertEquals(frameByteLength("gray8", 640, 480), 307_200);
  assertEquals(frameByteLength("yuv420p", 640, 480), 460_800);
  assertEquals(frameByteLength("nv12", 640, 480), 460_800);
  assertEquals(frameByteLength("rgb-planar-u8", 640, 480), 921_600);
  assertEquals(frameByteLength("rgb-planar-f32", 640, 480), 3_686_400);
});

test("planar RGB is R, G, B in memory, and planesOf() gives G, B, R as libav has them", () => {
  assertEquals(planesOf("rgb-planar-u8", 4, 2), [
    { offset: 8, stride: 4 },
    { offset: 16, stride: 4 },
    { offset: 0, stride: 4 },
  ]);
  assertEquals(planesOf("rgb-planar-f32", 4, 2), [
    { offset: 32, stride: 16 },
    { offset: 64, stride: 16 },
    { offset: 0, stride: 16 },
  ]);
});

test("a part of planar RGB begins at its sample of each plane, at odd pixels too", () => {
  assertEquals(planesOf("rgb-planar-u8", 4, 2, 3, 1).map(({ offset }) => offset), [15, 23, 7]);
  assertEquals(planesOf("rgb-planar-f32", 4, 2, 3, 1).map(({ offset }) => offset), [60, 92, 28]);
});

test("frameByteLength() rounds odd chroma sizes up", () => {
  assertEquals(frameByteLength("yuv420p", 3, 3), 9 + 4 + 4);
  assertEquals(frameByteLength("nv12", 3, 3), 9 + 8);
  assertEquals(frameByteLength("yuv420p", 1, 1), 3);
  assertEquals(frameByteLength("nv12", 5, 2), 10 + 6);
});

for (const format of PIXEL_FORMATS) {
  test(`the planes of ${format} lie one behind the other and fill the picture`, () => {
    for (const [width, height] of SIZES) {
      const expected = planeSizes(format, width!, height!);
      const planes = inMemory(format, planesOf(format, width!, height!));
      assertEquals(planes.length, expected.length);
      let end = 0;
      planes.forEach(({ offset, stride }, i) => {
        assertEquals([offset, stride], [end, expected[i]![0]], `plane ${i} of ${width}x${height}`);
        end += stride * expected[i]![1];
      });
      assertEquals(end, frameByteLength(format, width!, height!));
    }
  });

  test(`a part of a ${format} picture begins at its pixel in every plane and stays in it`, () => {
    forAll(500, (random) => {
      const [width, height] = [random.integer(2, 300), random.integer(2, 300)];
      const x = random.integer(0, (width - 1) >> 1) * 2;
      const y = random.integer(0, (height - 1) >> 1) * 2;
      const sizes = planeSizes(format, width, height);
      const whole = inMemory(format, planesOf(format, width, height));
      const part = inMemory(format, planesOf(format, width, height, x, y));
      part.forEach(({ offset, stride }, i) => {
        const [rowBytes, rows] = sizes[i]!;
        const inPlane = offset - whole[i]!.offset;
        const [row, column] = [Math.floor(inPlane / stride), inPlane % stride];
        const message = `plane ${i} of ${width}x${height} at ${x},${y}`;
        assertEquals(stride, rowBytes, message);
        // Chroma of pixel (x, y) is at (x/2, y/2); NV12 has two bytes for each.
        const chroma = i > 0 && isSubsampled(format);
        const bytes = !chroma ? rowBytes / width : format === "nv12" ? 2 : 1;
        assertEquals(row, chroma ? y / 2 : y, message);
        assertEquals(column, (chroma ? x / 2 : x) * bytes, message);
        assert(row < rows, message);
        assertLessOrEqual(column + bytes, rowBytes, message);
      });
    });
  });
}
