/** `FrameSource`: frames that a reader looks at and leaves. */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { forAll } from "../property.ts";
import { FakeWriter, isWhole, some } from "./fake_writer.ts";

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
  forAll(200, (random) => {
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
    const rest = writer.takeIndex(consumers[0]!);
    if (rest !== undefined) {
      taken.add(rest);
      delivered++;
    }
    const { handOver } = writer.source;
    assertEquals(handOver.delivered, delivered);
    assertEquals(taken.size + handOver.unread + replaced, last + 1);
  });
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
