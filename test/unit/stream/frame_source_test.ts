import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { FrameReleasedError } from "../../../src/core/frame/frame.ts";
import { SLOT_TAIL } from "../../../src/core/shared/slot_table.ts";
import { FrameSource } from "../../../src/stream/frame_source.ts";
import { Seeded } from "../seeded.ts";
import { FakeWriter, isWhole } from "./fake_writer.ts";

/** The frame, or the test fails. */
function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is no frame");
  return value;
}

test("take() gives nothing before there are slots, and before the first frame", () => {
  const source = new FrameSource({ format: "rgb24", fit: "fill", buffers: 4 });
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

test("a live frame that arrived too early is left where it is, with those before it", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(0, 1, 2);
  // Frame 2 arrived at 1002.
  assertEquals(writer.source.take(consumer, 1_002.5), undefined);
  assertEquals([writer.free, writer.source.current(consumer)], [1, undefined]);
  assertEquals([consumer.seen, consumer.hold], [-1, undefined]);
  const { delivered, unread } = writer.source.handOver;
  assertEquals([delivered, unread], [0, 0]);
});

test("a frame that one reader leaves is there for another one, and for itself", () => {
  const writer = new FakeWriter();
  const [one, two] = [writer.source.addConsumer(), writer.source.addConsumer()];
  writer.writeAll(0, 1, 2);
  for (let turn = 0; turn < 3; turn++) assertEquals(writer.source.take(one, 5_000), undefined);
  assertEquals(writer.takeIndex(two), 2);
  assertEquals(writer.source.take(one, 5_000), undefined);
  assertEquals(writer.takeIndex(one), 2);
  const { delivered, unread } = writer.source.handOver;
  // Both have frame 2; 0 and 1 nobody had.
  assertEquals([delivered, unread, writer.free], [2, 2, 3]);
});

test("frames that are left go on to be replaced by newer ones", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  for (let index = 0; index < 20; index++) {
    assert(writer.write(index));
    assertEquals(writer.source.take(consumer, 2_000), undefined);
    assertEquals(writer.free, Math.max(0, 3 - index));
  }
  assertEquals(writer.takeIndex(consumer), 19);
  const { delivered, unread } = writer.source.handOver;
  // The writer took the others itself, and counts them itself.
  assertEquals([delivered, unread, writer.free], [1, 3, 3]);
});

test("a live frame that arrived at the time that was asked for, or later, is given", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(0, 1, 2);
  assertEquals(writer.source.take(consumer, 1_002)?.index, 2);
  writer.writeAll(3);
  assertEquals(writer.source.take(consumer, 1_004), undefined);
  writer.writeAll(4);
  assertEquals(writer.source.take(consumer, 1_004)?.index, 4);
  writer.writeAll(5);
  assertEquals(writer.takeIndex(consumer), 5);
});

test("a reader that leaves its next frame keeps the one it has", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(0);
  const frame = some(writer.take(consumer));
  writer.writeAll(1);
  assertEquals(writer.source.take(consumer, 5_000), undefined);
  assertStrictEquals(writer.source.current(consumer), frame);
  assert(isWhole(frame));
  assertEquals([writer.free, consumer.seen], [2, 0]);
  assertEquals(writer.takeIndex(consumer), 1);
});

test("a frame that one reader leaves stays with another one that has it", () => {
  const writer = new FakeWriter();
  const [one, two] = [writer.source.addConsumer(), writer.source.addConsumer()];
  writer.writeAll(0);
  const frame = some(writer.take(one));
  assertEquals(writer.source.take(two, 5_000), undefined);
  assertEquals([writer.free, isWhole(frame)], [3, true]);
  assertEquals(writer.source.take(two, 1_000.5), undefined);
  assertEquals(writer.source.take(two, 1_000)?.index, 0);
});

test("nothing is lost or counted twice, whatever readers leave", () => {
  const random = new Seeded(51);
  for (let run = 0; run < 200; run++) {
    const slots = random.integer(2, 6);
    const writer = new FakeWriter({ slots });
    const consumers = Array.from({ length: slots - 1 }, () => writer.source.addConsumer());
    const taken = new Set<number>();
    let [last, replaced, delivered] = [-1, 0, 0];
    for (let step = 0; step < 200; step++) {
      if (random.number() < 0.4) {
        if (writer.free === 0) replaced++;
        writer.writeAll(++last);
        continue;
      }
      const consumer = random.pick(consumers);
      const since = random.pick([-Infinity, Infinity, 1_000 + last + random.integer(-3, 1)]);
      // The newest is always there: unread, or with whoever took it.
      const expected = last > consumer.seen && 1_000 + last >= since ? last : undefined;
      const frame = writer.source.take(consumer, since);
      assertEquals(frame?.index, expected);
      if (!frame) continue;
      assert(isWhole(frame));
      taken.add(frame.index);
      delivered++;
    }
    const rest = writer.takeIndex(consumers[0]);
    if (rest !== undefined) {
      taken.add(rest);
      delivered++;
    }
    const { handOver } = writer.source;
    assertEquals(handOver.delivered, delivered);
    assertEquals(taken.size + handOver.unread + replaced, last + 1);
  }
});

test("the owner is told nothing of a frame that is left", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  const told: string[] = [];
  writer.source.onFree = () => told.push("free");
  writer.source.onTake = () => told.push("take");
  writer.writeAll(0);
  writer.source.take(consumer, 5_000);
  assertEquals(told, []);
  writer.source.take(consumer, 1_000);
  assertEquals(told, ["free", "take"]);
});

test("a reader of a file gets every frame, whenever it arrived", () => {
  const writer = new FakeWriter({ lossless: true });
  const consumer = writer.source.addConsumer();
  writer.writeAll(0, 1, 2);
  const indexes = [0, 1, 2, 3].map(() => writer.source.take(consumer, Infinity)?.index);
  assertEquals(indexes, [0, 1, 2, undefined]);
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
