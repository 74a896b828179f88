/** `FrameSource`: several readers of one stream, and what the owner is told. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { FakeWriter, isWhole, some } from "./fake_writer.ts";

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
    writer.source.removeConsumer(consumers[0]!);
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
