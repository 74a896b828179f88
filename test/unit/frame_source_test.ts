import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { SLOT_TAIL } from "../../src/core/slots.ts";
import { FrameReleasedError } from "../../src/frame.ts";
import { FrameSource } from "../../src/frame_source.ts";
import { FakeWriter, isWhole } from "./fake_writer.ts";

/** The frame, or the test fails. */
function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is no frame");
  return value;
}

test("take() gives nothing before there are slots, and before the first frame", () => {
  const source = new FrameSource("rgb24", 4);
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

test("two readers share a frame, and its slot comes back with the last of them", () => {
  for (const lossless of [false, true]) {
    const writer = new FakeWriter({ lossless });
    const [one, two] = [writer.source.addConsumer(), writer.source.addConsumer()];
    writer.writeAll(0);
    const [first, second] = [some(writer.take(one)), some(writer.take(two))];
    assertEquals([first.index, second.index], [0, 0]);
    assertStrictEquals(first.data.buffer, second.data.buffer);
    assertEquals(writer.free, 3);
    writer.writeAll(1);
    assertEquals(writer.takeIndex(one), 1);
    assertEquals([first.released, second.released, isWhole(second)], [true, false, true]);
    assertEquals(writer.free, 2);
    assertEquals(writer.takeIndex(two), 1);
    assertEquals(writer.free, 3);
  }
});

test("each reader has a place of its own on a live stream", () => {
  const writer = new FakeWriter();
  const [fast, slow] = [writer.source.addConsumer(), writer.source.addConsumer()];
  writer.writeAll(0);
  assertEquals([writer.takeIndex(fast), writer.takeIndex(slow)], [0, 0]);
  for (const index of [1, 2, 3]) {
    writer.writeAll(index);
    assertEquals(writer.takeIndex(fast), index);
  }
  assertEquals([writer.takeIndex(slow), writer.takeIndex(slow)], [3, undefined]);
  const late = writer.source.addConsumer();
  assertEquals(writer.takeIndex(late), 3);
});

test("each reader of a file gets every frame, and the file waits for the slowest", () => {
  const writer = new FakeWriter({ slots: 4, lossless: true });
  const [fast, slow] = [writer.source.addConsumer(), writer.source.addConsumer()];
  writer.writeAll(0, 1, 2, 3);
  assertEquals([0, 1, 2, 3].map(() => writer.takeIndex(fast)), [0, 1, 2, 3]);
  assertFalse(writer.write(4));
  assertEquals([writer.takeIndex(slow), writer.takeIndex(slow)], [0, 1]);
  assert(writer.write(4));
  assertEquals([2, 3, 4, 5].map(() => writer.takeIndex(slow)), [2, 3, 4, undefined]);
  assertEquals(writer.takeIndex(fast), 4);
});

test("one slot is left to write in: the error for more readers names the option", () => {
  for (const slots of [2, 4]) {
    const writer = new FakeWriter({ slots });
    const consumers = Array.from({ length: slots - 1 }, () => writer.source.addConsumer());
    const { message } = assertThrows(() => writer.source.addConsumer(), RangeError);
    assertStringIncludes(message, '"buffers"');
    assertStringIncludes(message, `at most ${slots - 1}`);
    writer.source.removeConsumer(consumers[0]);
    writer.source.addConsumer();
  }
});

test("removeConsumer() gives its frame and the slot back", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(0);
  const frame = some(writer.take(consumer));
  writer.source.removeConsumer(consumer);
  assert(frame.released);
  assertEquals([writer.free, writer.source.current(consumer)], [4, undefined]);
});

test("the owner is told when a slot may have become free", () => {
  const writer = new FakeWriter({ lossless: true });
  const consumer = writer.source.addConsumer();
  let free: number[] = [];
  writer.source.onFree = () => free.push(writer.free);
  writer.writeAll(0, 1);
  writer.take(consumer);
  free = [];
  writer.take(consumer);
  assertEquals(free, [3]);
  writer.source.removeConsumer(consumer);
  assertEquals(free, [3, 4]);
});

test("the owner is told the connection of every frame that is taken", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  const connections: number[] = [];
  writer.source.onTake = (connection) => connections.push(connection);
  writer.take(consumer);
  writer.writeAll(0);
  writer.take(consumer);
  writer.take(consumer);
  writer.configure(4, 2);
  writer.writeAll(1);
  writer.take(consumer);
  assertEquals(connections, [1, 2]);
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

test("handOver counts what was taken and what was not", () => {
  const writer = new FakeWriter();
  assertEquals(writer.source.handOver, {
    delivered: 0,
    unread: 0,
    latency: { p50: NaN, p95: NaN, p99: NaN },
  });
  const consumer = writer.source.addConsumer();
  writer.writeAll(0, 1, 2);
  writer.take(consumer);
  writer.take(consumer);
  writer.writeAll(3);
  writer.take(consumer);
  const { delivered, unread, latency } = writer.source.handOver;
  assertEquals([delivered, unread], [2, 2]);
  for (const time of [latency.p50, latency.p95, latency.p99]) assert(time > 0);
});

test("a file does not wait for a yielding reader while another one reads", () => {
  const writer = new FakeWriter({ lossless: true });
  const yielding = writer.source.addConsumer({ yielding: true });
  writer.writeAll(0, 1, 2, 3);
  assertEquals(writer.takeIndex(yielding), 0);
  const loop = writer.source.addConsumer();
  const seen: (number | undefined)[] = [];
  let index = 4;
  for (let turn = 0; turn < 10; turn++) {
    seen.push(writer.takeIndex(loop));
    if (writer.write(index)) index++;
  }
  assertEquals(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("alone, a yielding reader of a file gets every frame", () => {
  const writer = new FakeWriter({ lossless: true });
  const yielding = writer.source.addConsumer({ yielding: true });
  writer.writeAll(0, 1, 2, 3);
  assertEquals([0, 1, 2, 3].map(() => writer.takeIndex(yielding)), [0, 1, 2, 3]);
});

test("unread frames of a file wait for the next reader, also after a new size", () => {
  const writer = new FakeWriter({ lossless: true });
  const first = writer.source.addConsumer();
  writer.writeAll(0, 1, 2);
  assertEquals(writer.takeIndex(first), 0);
  writer.configure(2, 2);
  writer.source.removeConsumer(first);
  writer.write(3);
  const second = writer.source.addConsumer();
  assertEquals([1, 2, 3].map(() => writer.takeIndex(second)), [1, 2, 3]);
});

test("whoever takes a frame is told to the owner before it is handed out", () => {
  const writer = new FakeWriter();
  const told: number[] = [];
  writer.source.onTake = (connection) => told.push(connection);
  writer.write(0);
  writer.take(writer.source.addConsumer());
  assertEquals(told, [1]);
});
