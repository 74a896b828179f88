import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertNotEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { frameByteLength, PIXEL_FORMATS } from "../../../src/core/frame/formats.ts";
import { Frame, type FrameFields, FrameReleasedError } from "../../../src/core/frame/frame.ts";
import { FrameTransform, place } from "../../../src/core/frame/geometry.ts";
import { now } from "../../../src/core/timing/clock.ts";

const FIELDS: FrameFields = {
  width: 2,
  height: 1,
  format: "rgb24",
  index: 41,
  connection: 3,
  pts: 1.64,
  keyframe: true,
  arrivalTime: 1_700_000_000_000.5,
};

/** Values that are no defaults. */
const MORE = {
  captureTime: 1_699_999_999_950.25,
  timeSource: "rtcp",
  corrupt: true,
  transform: new FrameTransform(
    { width: 64, height: 48 },
    place({ width: 64, height: 48 }, { width: 2, height: 1 }, "cover"),
  ),
} as const satisfies Partial<FrameFields>;

function makeFrame(fields: Partial<FrameFields> = {}): Frame {
  const all = { ...FIELDS, ...fields };
  const bytes = new Uint8Array(frameByteLength(all.format, all.width, all.height));
  return new Frame(bytes.map((_, i) => i + 1), all);
}

function fieldsOf(frame: Frame): FrameFields {
  const { width, height, format, index, connection, pts, keyframe, arrivalTime } = frame;
  return { width, height, format, index, connection, pts, keyframe, arrivalTime };
}

function moreOf({ captureTime, timeSource, corrupt, transform }: Frame): Partial<FrameFields> {
  return { captureTime, timeSource, corrupt, transform };
}

/** Three planes of 1 x 2 pixels, in memory that begins and ends with something else. */
function makePlanar(values: readonly number[] = [0, 0.25, 0.5, 0.75, 1, 0.125]): Frame {
  const memory = new Float32Array([9, ...values, 9]);
  const data = new Uint8Array(memory.buffer, 4, values.length * 4);
  return new Frame(data, { ...FIELDS, format: "rgb-planar-f32" });
}

test("Frame has the bytes and fields it was made of", () => {
  const bytes = new Uint8Array([9, 8, 7, 6, 5, 4]);
  const frame = new Frame(bytes, FIELDS);
  assertStrictEquals(frame.data, bytes);
  assertEquals(fieldsOf(frame), FIELDS);
  assertEquals(frame.released, false);
  assertEquals(makeFrame({ pts: undefined, keyframe: false }).pts, undefined);
});

test("Frame.channels follows from the format", () => {
  const channels = PIXEL_FORMATS.map((format) => [format, makeFrame({ format }).channels]);
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

test("Frame.shape follows from the format and the size", () => {
  assertEquals(makeFrame().shape, [1, 2, 3]);
  const size = { width: 640, height: 480 };
  assertEquals(makeFrame({ ...size, format: "bgra" }).shape, [480, 640, 4]);
  assertEquals(makeFrame({ ...size, format: "gray8" }).shape, [480, 640, 1]);
  assertEquals(makeFrame({ ...size, format: "rgb-planar-u8" }).shape, [3, 480, 640]);
  assertEquals(makeFrame({ ...size, format: "rgb-planar-f32" }).shape, [3, 480, 640]);
  assertEquals(makeFrame({ ...size, format: "nv12" }).shape, undefined);
});

test("a frame of which nothing else is known was taken when it arrived, and is whole", () => {
  const { captureTime, timeSource, corrupt } = makeFrame();
  assertEquals([captureTime, timeSource, corrupt], [FIELDS.arrivalTime, "arrival", false]);
});

test("Frame has the capture time, its source, the damage and the transform it was given", () => {
  const frame = makeFrame(MORE);
  assertEquals(moreOf(frame), MORE);
  assertStrictEquals(frame.transform, MORE.transform);
  assertEquals(frame.arrivalTime, FIELDS.arrivalTime);
  assertEquals(makeFrame({ captureTime: 0 }).captureTime, 0);
});

test("a frame without a transform is the camera's picture itself", () => {
  for (const [width, height] of [[2, 1], [1, 1], [641, 479]] as const) {
    const { transform } = makeFrame({ width, height });
    assertEquals(transform.source, { width, height });
    assertEquals(transform.pointToSource({ x: 1.5, y: 0.5 }), { x: 1.5, y: 0.5 });
    const whole = { x: 0, y: 0, width, height };
    assertEquals(transform.boxToSource(whole), whole);
  }
});

test("Frame.floats are the frame's own bytes, and no others", () => {
  const frame = makePlanar();
  const { floats, data } = frame;
  assertEquals([...floats], [0, 0.25, 0.5, 0.75, 1, 0.125]);
  assertStrictEquals(floats.buffer, data.buffer);
  assertEquals([floats.byteOffset, floats.byteLength], [data.byteOffset, data.byteLength]);
  floats[0] = 1;
  assertEquals([...data.subarray(0, 4)], [0, 0, 0x80, 0x3f]);
  assertEquals(frame.floats[0], 1);
});

test("floats of a frame in another format are a TypeError with both formats", () => {
  for (const format of PIXEL_FORMATS) {
    if (format === "rgb-planar-f32") continue;
    const { message } = assertThrows(() => makeFrame({ format }).floats, TypeError);
    assertStringIncludes(message, '"rgb-planar-f32"');
    assertStringIncludes(message, `"${format}"`);
  }
});

test("floats after the release throw FrameReleasedError", () => {
  const frame = makePlanar();
  frame[Symbol.dispose]();
  assertThrows(() => frame.floats, FrameReleasedError, "copy()");
});

test("Frame.age is the time since the arrival, and grows", async () => {
  const frame = makeFrame({ arrivalTime: now() - 500 });
  const age = frame.age;
  assertGreaterOrEqual(age, 500);
  assertLess(age, 5_500);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertGreaterOrEqual(frame.age, age + 10);
});

test("data after the release throws FrameReleasedError, which says copy()", () => {
  const frame = makeFrame();
  frame[Symbol.dispose]();
  assertEquals(frame.released, true);
  const error = assertThrows(() => frame.data, FrameReleasedError);
  assertInstanceOf(error, Error);
  assertEquals(error.name, "FrameReleasedError");
  assertStringIncludes(error.message, "frame 41");
  assertStringIncludes(error.message, "copy()");
});

test("copy() after the release throws as well", () => {
  const frame = makeFrame();
  frame[Symbol.dispose]();
  assertThrows(() => frame.copy(), FrameReleasedError, "copy()");
});

test("the fields are still there after the release", () => {
  const frame = makeFrame(MORE);
  frame[Symbol.dispose]();
  frame[Symbol.dispose]();
  assertEquals(fieldsOf(frame), FIELDS);
  assertEquals(moreOf(frame), MORE);
  assertEquals(frame.shape, [1, 2, 3]);
});

test("copy() has memory of its own, with the frame's bytes and no others", () => {
  const memory = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
  const frame = new Frame(memory.subarray(1, 7), FIELDS);
  const copy = frame.copy();
  memory.fill(99);
  assertEquals([...copy.data], [1, 2, 3, 4, 5, 6]);
  assertNotEquals(copy.data.buffer, frame.data.buffer);
  assertEquals(copy.data.buffer.byteLength, 6);
  copy.data[0] = 55;
  assertEquals(frame.data[0], 99);
  assertEquals(fieldsOf(copy), FIELDS);
});

test("copy() keeps capture time, source, damage, transform and shape", () => {
  const frame = makeFrame(MORE);
  const copy = frame.copy();
  frame[Symbol.dispose]();
  for (const again of [copy, copy.copy()]) {
    assertEquals(moreOf(again), MORE);
    assertEquals(again.shape, [1, 2, 3]);
  }
  const plain = makeFrame().copy();
  assertEquals([plain.captureTime, plain.timeSource], [FIELDS.arrivalTime, "arrival"]);
  assertEquals(plain.corrupt, false);
  assertEquals(plain.transform.source, { width: 2, height: 1 });
});

test("copy() has floats of its own", () => {
  const frame = makePlanar();
  const copy = frame.copy();
  frame.floats.fill(0);
  frame[Symbol.dispose]();
  assertEquals([...copy.floats], [0, 0.25, 0.5, 0.75, 1, 0.125]);
});

test("copy() outlives the frame, and the frame its copy", () => {
  const frame = makeFrame();
  const copy = frame.copy();
  const second = frame.copy();
  second[Symbol.dispose]();
  assertEquals(frame.data.length, 6);
  frame[Symbol.dispose]();
  assertEquals([...copy.data], [1, 2, 3, 4, 5, 6]);
  assertEquals([...copy.copy().data], [1, 2, 3, 4, 5, 6]);
});

test("using gives the frame back at the end of the block", () => {
  const outer = makeFrame();
  {
    using frame = outer;
    assertEquals(frame.data.length, 6);
  }
  assert(outer.released);
  assertThrows(() => outer.data, FrameReleasedError);
});

test("a frame has exactly the bytes of its size and format", () => {
  for (const format of PIXEL_FORMATS) {
    const size = { width: 5, height: 3, format };
    const bytes = frameByteLength(format, 5, 3);
    assertEquals(makeFrame(size).data.byteLength, bytes);
    for (const length of [0, bytes - 1, bytes + 1]) {
      const data = new Uint8Array(length);
      const { message } = assertThrows(() => new Frame(data, { ...FIELDS, ...size }), TypeError);
      assertStringIncludes(message, `${length} bytes: 5x3 in ${format} has ${bytes}`);
    }
  }
});

test("a size that is none is refused, whatever the bytes are", () => {
  for (const side of [0, -64, 1.5, NaN, Infinity, 2 ** 53]) {
    for (const name of ["width", "height"]) {
      const fields = { ...FIELDS, [name]: side };
      const { message } = assertThrows(() => new Frame(new Uint8Array(0), fields), RangeError);
      assertStringIncludes(message, `${name} must be a whole number of pixels from 1`);
      assertStringIncludes(message, `got ${side}`);
    }
  }
  // deno-lint-ignore no-explicit-any
  const wrong: any[] = [null, undefined, "2", 2n];
  for (const width of wrong) {
    assertThrows(() => new Frame(new Uint8Array(6), { ...FIELDS, width }), TypeError, "width");
  }
});

test("a format that does not exist, and what are no bytes, are refused", () => {
  // deno-lint-ignore no-explicit-any
  const formats: any[] = [undefined, "rgb48", "toString", "__proto__", 3];
  for (const format of formats) {
    const fields = { ...FIELDS, format };
    assertThrows(() => new Frame(new Uint8Array(6), fields), TypeError, "rgb24, bgr24");
  }
  // deno-lint-ignore no-explicit-any
  const bytes: any[] = [null, undefined, "six", [1, 2, 3, 4, 5, 6], new ArrayBuffer(6)];
  for (const data of bytes) {
    assertThrows(() => new Frame(data, FIELDS), TypeError, "must be a Uint8Array");
  }
});
