/** `FrameSource`: what a frame is, and which one is taken. */

import { assert, assertEquals, assertFalse, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { FrameReleasedError } from "../../../src/core/frame/frame.ts";
import { SLOT_TAIL } from "../../../src/core/shared/slot_table.ts";
import { FrameSource } from "../../../src/stream/frame_source.ts";
import { FakeWriter, isWhole, some } from "./fake_writer.ts";

test("take() gives nothing before there are slots, and before the first frame", () => {
  const source = new FrameSource({
    ...{ format: "rgb24", fit: "fill", autorotate: true, squarePixels: true },
    buffers: 4,
  });
  const consumer = source.addConsumer();
  assertEquals([source.take(consumer), source.current(consumer)], [undefined, undefined]);
  const writer = new FakeWriter();
  assertEquals(writer.take(writer.source.addConsumer()), undefined);
});

test("configure() gives a buffer with a tail for every slot", () => {
  const writer = new FakeWriter({ slots: 3 });
  assertEquals(
    writer.buffers.map((buffer) => buffer.byteLength),
    [1, 2, 3].map(() => {
      return 8 + SLOT_TAIL;
    }),
  );
  assertEquals(new Set(writer.buffers).size, 3);
});

test("a frame has the fields of its slot, its size, and its bytes without the tail", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(10);
  const frame = some(writer.take(consumer));
  const { index, width, height, format, connection, pts, keyframe, arrivalTime } = frame;
  assertEquals([index, width, height, format, connection], [10, 4, 2, "gray8", 1]);
  assertEquals([pts, keyframe, arrivalTime], [0.4, true, 1_010]);
  assertEquals([...frame.data], Array(8).fill(10));
  writer.write(11, NaN);
  const next = some(writer.take(consumer));
  assertEquals([next.pts, next.keyframe], [undefined, false]);
});

test("a frame has the capture time, its source and the damage of its slot", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(10);
  const frame = some(writer.take(consumer));
  assertEquals([frame.captureTime, frame.timeSource, frame.corrupt], [910, "rtcp", false]);
  writer.write(11, 0, { captureTime: 1_011, cameraClock: false, corrupt: true });
  const next = some(writer.take(consumer));
  assertEquals([next.captureTime, next.timeSource, next.corrupt], [1_011, "arrival", true]);
  assertEquals([frame.captureTime, frame.timeSource, frame.corrupt], [910, "rtcp", false]);
});

test("a frame's transform is that of the decoded picture and the stream's fit", () => {
  const whole = { x: 0, y: 0, width: 4, height: 2 };
  const rows = [
    ["fill", { x: 0, y: 0, width: 8, height: 8 }],
    ["contain", { x: 0, y: 0, width: 8, height: 8 }],
    ["cover", { x: 0, y: 2, width: 8, height: 4 }],
  ] as const;
  for (const [fit, used] of rows) {
    const writer = new FakeWriter({ fit });
    const consumer = writer.source.addConsumer();
    writer.writeAll(0);
    const { transform } = some(writer.take(consumer));
    assertEquals(transform.source, { width: 4, height: 2 }, fit);
    assertEquals(transform.boxToSource(whole), whole, fit);
    writer.write(1, 0, { sourceWidth: 8, sourceHeight: 8 });
    const next = some(writer.take(consumer)).transform;
    assertEquals(next.source, { width: 8, height: 8 }, fit);
    assertEquals(next.boxToSource(whole), used, fit);
  }
});

test("a live reader takes the newest frame and skips the others", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(0, 1, 2);
  assertEquals([writer.takeIndex(consumer), writer.takeIndex(consumer)], [2, undefined]);
  assertEquals(writer.free, 3);
  writer.writeAll(3, 4, 5, 6, 7, 8);
  assertEquals([writer.takeIndex(consumer), writer.takeIndex(consumer)], [8, undefined]);
});

test("a reader of a file takes every frame in order, and the file waits", () => {
  const writer = new FakeWriter({ slots: 3, lossless: true });
  const consumer = writer.source.addConsumer();
  writer.writeAll(0, 1, 2);
  assertFalse(writer.write(3));
  assertEquals(writer.takeIndex(consumer), 0);
  assertFalse(writer.write(3));
  assertEquals(writer.takeIndex(consumer), 1);
  assert(writer.write(3));
  assertEquals([2, 3].map(() => writer.takeIndex(consumer)), [2, 3]);
  assertEquals(writer.takeIndex(consumer), undefined);
});

test("current() is the frame that was taken, until the next one is", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(0);
  const first = some(writer.take(consumer));
  writer.writeAll(1);
  assertStrictEquals(writer.source.current(consumer), first);
  const second = some(writer.take(consumer));
  assertStrictEquals(writer.source.current(consumer), second);
  assertEquals(writer.take(consumer), undefined);
  assertStrictEquals(writer.source.current(consumer), second);
  assert(isWhole(second));
  assertThrows(() => first.data, FrameReleasedError);
});

test("a held frame keeps its bytes while the writer goes on", () => {
  const writer = new FakeWriter({ slots: 2 });
  const consumer = writer.source.addConsumer();
  writer.writeAll(0);
  const frame = some(writer.take(consumer));
  for (let index = 1; index < 20; index++) writer.writeAll(index);
  assertEquals([frame.index, isWhole(frame)], [0, true]);
  assertEquals(writer.takeIndex(consumer), 19);
});

test("a frame that the program disposed of comes anew from current()", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(7);
  const frame = some(writer.take(consumer));
  frame[Symbol.dispose]();
  const again = some(writer.source.current(consumer));
  assertEquals([again.index, again.released, isWhole(again)], [7, false, true]);
  assert(frame.released);
  assertEquals(writer.take(consumer), undefined);
});

test("releaseAll() makes all frames invalid, and there are none any more", () => {
  for (const lossless of [false, true]) {
    const writer = new FakeWriter({ lossless });
    const [one, two] = [writer.source.addConsumer(), writer.source.addConsumer()];
    writer.writeAll(0, 1);
    const frames = [some(writer.take(one)), some(writer.take(two))];
    writer.source.releaseAll();
    for (const frame of frames) assertThrows(() => frame.data, FrameReleasedError);
    for (const consumer of [one, two]) {
      assertEquals([writer.take(consumer), writer.source.current(consumer)], [
        undefined,
        undefined,
      ]);
    }
  }
});
