/** What `FrameSource` does when slots are made anew: a new connection or size. */

import { assert, assertEquals, assertFalse, assertGreater, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { sharedByteLength, SLOT_TAIL, SlotTable } from "../../../src/core/shared/slot_table.ts";
import type { Consumer } from "../../../src/stream/consumers.ts";
import { LentSlots } from "../../../src/thread/lent_slots.ts";
import { type Drawn, forAll } from "../property.ts";
import { FakeWriter, isWhole } from "./fake_writer.ts";

for (const lossless of [false, true]) {
  const kind = lossless ? "a file" : "a live stream";

  test(`a new generation of ${kind} leaves a held frame its bytes and its buffer`, () => {
    const writer = new FakeWriter({ slots: 3, lossless });
    const consumer = writer.source.addConsumer();
    writer.writeAll(0);
    const frame = writer.take(consumer);
    const held = frame?.data.buffer;
    assert(frame && held);
    for (let generation = 0; generation < 4; generation++) {
      const before = writer.buffers;
      writer.configure(4, 2);
      assertFalse(writer.buffers.includes(held));
      assertEquals(new Set(writer.buffers).size, 3);
      // Those that nobody holds are used again.
      assertGreater(writer.buffers.filter((buffer) => before.includes(buffer)).length, 1);
      // On a file nobody may take these before the held one is given back.
      if (!lossless) writer.writeAll(generation * 3 + 1, generation * 3 + 2, generation * 3 + 3);
      assertStrictEquals(writer.source.current(consumer), frame);
      assertEquals([frame.index, isWhole(frame), frame.connection], [0, true, 1]);
    }
    writer.writeAll(20);
    assertEquals([writer.takeIndex(consumer), frame.released], [20, true]);
    assertEquals(writer.source.current(consumer)?.connection, 5);
  });

  test(`a new size of ${kind} has new buffers and frames of the new size`, () => {
    const writer = new FakeWriter({ lossless });
    const consumer = writer.source.addConsumer();
    writer.writeAll(0);
    writer.take(consumer);
    const before = writer.buffers;
    writer.configure(6, 3);
    assertEquals(writer.buffers.filter((buffer) => before.includes(buffer)), []);
    writer.writeAll(1);
    const frame = writer.take(consumer);
    assertEquals([frame?.width, frame?.height, frame?.data.length], [6, 3, 18]);
  });

  test(`a frame of an older generation of ${kind} does not free a slot of the new one`, () => {
    const writer = new FakeWriter({ slots: 2, lossless });
    const consumer = writer.source.addConsumer();
    writer.writeAll(0);
    writer.take(consumer);
    writer.configure(4, 2);
    writer.writeAll(1);
    assertEquals(writer.takeIndex(consumer), 1);
    // Both were in slot 0: frame 0 was given back, frame 1 is held.
    assertEquals(writer.free, 1);
    writer.writeAll(2);
    assertEquals(writer.source.current(consumer)?.data[0], 1);
  });
}

test("unread frames of a live stream are dropped with their generation", () => {
  const writer = new FakeWriter();
  const [one, two] = [writer.source.addConsumer(), writer.source.addConsumer()];
  writer.writeAll(0, 1);
  writer.take(one);
  writer.writeAll(2);
  writer.configure(4, 2);
  assertEquals([writer.takeIndex(one), writer.takeIndex(two)], [undefined, undefined]);
  writer.writeAll(3);
  assertEquals([writer.takeIndex(one), writer.takeIndex(two)], [3, 3]);
});

test("unread frames of a file survive new generations, with their bytes and sizes", () => {
  const writer = new FakeWriter({ lossless: true });
  const consumer = writer.source.addConsumer();
  writer.writeAll(0, 1, 2);
  assertEquals(writer.takeIndex(consumer), 0);
  writer.configure(6, 3);
  writer.writeAll(3, 4);
  writer.configure(4, 2);
  writer.writeAll(5, 6, 7, 8);
  const taken = Array.from({ length: 8 }, () => {
    const index = writer.takeIndex(consumer);
    const frame = writer.source.current(consumer);
    return [index, frame?.width, frame?.connection];
  });
  assertEquals(taken, [
    [1, 4, 1],
    [2, 4, 1],
    [3, 6, 2],
    [4, 6, 2],
    [5, 4, 3],
    [6, 4, 3],
    [7, 4, 3],
    [8, 4, 3],
  ]);
  assertEquals([writer.takeIndex(consumer), writer.free], [undefined, 3]);
});

/** Random writes, takes, disposals, readers that come and go, generations. */
function shuffle(
  random: Drawn,
  lossless: boolean,
  check: (consumer: Consumer, index: number) => void,
) {
  const slots = random.integer(2, 5);
  const writer = new FakeWriter({ slots, lossless });
  const consumers = [writer.source.addConsumer()];
  let index = 0;
  for (let step = 0; step < 400; step++) {
    const dice = random.number();
    const consumer = random.pick(consumers);
    const before = writer.source.current(consumer);
    if (dice < 0.45) {
      const written = writer.write(index);
      if (written) index++;
      else assert(lossless, "a live writer always finds a slot");
    } else if (dice < 0.85) {
      const taken = writer.takeIndex(consumer);
      if (taken !== undefined) check(consumer, taken);
      else assertStrictEquals(writer.source.current(consumer), before);
    } else if (dice < 0.9) {
      before?.[Symbol.dispose]();
    } else if (dice < 0.94) {
      if (consumers.length < slots - 1) consumers.push(writer.source.addConsumer());
    } else if (dice < 0.97) {
      // The last reader stays.
      if (consumers.length > 1) {
        writer.source.removeConsumer(consumers.splice(consumers.indexOf(consumer), 1)[0]!);
      }
    } else {
      writer.configure(random.integer(1, 3) * 2, 2);
    }
    for (const each of consumers) {
      const frame = writer.source.current(each);
      if (frame) assert(isWhole(frame), `frame ${frame.index} was overwritten`);
    }
  }
  for (const consumer of consumers) {
    for (let taken; (taken = writer.takeIndex(consumer)) !== undefined;) check(consumer, taken);
  }
  return { index, consumers };
}

test("whatever happens, live readers get whole frames, and never an older one", () => {
  forAll(100, (random) => {
    const last = new Map<Consumer, number>();
    shuffle(random, false, (consumer, index) => {
      assertGreater(index, last.get(consumer) ?? -1);
      last.set(consumer, index);
    });
  });
});

test("whatever happens, readers of a file get every frame in order up to the last", () => {
  forAll(100, (random) => {
    const last = new Map<Consumer, number>();
    const { index: written, consumers } = shuffle(random, true, (consumer, index) => {
      const previous = last.get(consumer);
      if (previous !== undefined) assertEquals(index, previous + 1);
      last.set(consumer, index);
    });
    assertGreater(written, 5);
    // Every frame that was written can be had by the reader that was there from the beginning.
    for (const consumer of consumers) assertEquals(consumer.seen, written - 1);
  });
});

test("memory that a thread was left behind with is not given to the next thread", () => {
  const writer = new FakeWriter({ slots: 2 });
  const left = writer.buffers;
  const table = new SlotTable(new SharedArrayBuffer(sharedByteLength(2)), 2);
  const format = { generation: 2, width: 4, height: 2, byteLength: 8 };
  const slots = new LentSlots(table);
  slots.begin();
  const memory = writer.source.configure(slots, format, 2, true);
  slots.reset(memory);
  for (const { buffer } of memory) assertFalse(left.includes(buffer));
  // The thread that was left behind ends now: what the next one has is not touched.
  writer.slots.end();
  for (const one of memory) assertEquals(one.buffer.byteLength, 8 + SLOT_TAIL);
  // The same thread goes on with what it has.
  assertEquals(writer.source.configure(slots, { ...format, generation: 3 }, 3, true), memory);
});
