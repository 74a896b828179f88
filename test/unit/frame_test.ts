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
import { now } from "../../src/core/control.ts";
import { PIXEL_FORMATS } from "../../src/core/formats.ts";
import { Frame, type FrameFields, FrameReleasedError } from "../../src/frame.ts";

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

function makeFrame(fields: Partial<FrameFields> = {}): Frame {
  return new Frame(new Uint8Array([1, 2, 3, 4, 5, 6]), { ...FIELDS, ...fields });
}

function fieldsOf(frame: Frame): FrameFields {
  const { width, height, format, index, connection, pts, keyframe, arrivalTime } = frame;
  return { width, height, format, index, connection, pts, keyframe, arrivalTime };
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
  });
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
  const frame = makeFrame();
  frame[Symbol.dispose]();
  frame[Symbol.dispose]();
  assertEquals(fieldsOf(frame), FIELDS);
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
