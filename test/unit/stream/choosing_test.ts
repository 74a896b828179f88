/** Readers that choose among the frames they have not seen, alone and beside others. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { FrameReleasedError } from "../../../src/core/frame/frame.ts";
import type { Consumer } from "../../../src/stream/consumers.ts";
import { forAll } from "../property.ts";
import { FakeWriter, isWhole } from "./fake_writer.ts";

test("all frames that were not seen are there to choose from, oldest first", () => {
  const writer = new FakeWriter();
  const consumer = writer.choosing();
  assertEquals(writer.indexes(consumer), []);
  writer.writeAll(0, 1, 2, 3);
  assertEquals(writer.indexes(consumer), [0, 1, 2, 3]);
  writer.writeAll(4, 5);
  assertEquals(writer.indexes(consumer), [2, 3, 4, 5]);
  const { arrivalTime, captureTime } = writer.source.candidates(consumer)[0]!;
  assertEquals([arrivalTime, captureTime], [1_002, 902]);
});

test("to look at frames takes nothing", () => {
  const writer = new FakeWriter();
  const consumer = writer.choosing();
  writer.writeAll(0, 1);
  for (let look = 0; look < 3; look++) assertEquals(writer.indexes(consumer), [0, 1]);
  const { delivered, unread } = writer.source.handOver;
  assertEquals([writer.free, delivered, unread, consumer.seen], [2, 0, 0, -1]);
});

test("a frame that is chosen frees those before it, and leaves those after it", () => {
  const writer = new FakeWriter();
  const consumer = writer.choosing();
  writer.writeAll(0, 1, 2, 3);
  const frame = writer.choose(consumer, 2);
  assertEquals([frame.index, writer.indexes(consumer), writer.free], [2, [3], 2]);
  assertStrictEquals(writer.source.current(consumer), frame);
  const next = writer.choose(consumer, 3);
  assertEquals([next.index, writer.indexes(consumer), writer.free], [3, [], 3]);
  assertThrows(() => frame.data, FrameReleasedError);
  const { delivered, unread } = writer.source.handOver;
  assertEquals([delivered, unread], [2, 2]);
});

test("a frame that is gone cannot be reserved", () => {
  const writer = new FakeWriter();
  const consumer = writer.choosing();
  writer.writeAll(0, 1, 2, 3);
  assertEquals(writer.indexes(consumer), [0, 1, 2, 3]);
  writer.writeAll(4);
  assertEquals(writer.source.reserve(0), undefined);
  assertEquals(writer.source.reserve(99), undefined);
  assert(writer.source.reserve(1));
});

test("a frame that is reserved is not written over, and is there again when it is cancelled", () => {
  const writer = new FakeWriter();
  const consumer = writer.choosing();
  writer.writeAll(0, 1, 2, 3);
  const hold = writer.source.reserve(0);
  assert(hold);
  writer.writeAll(4, 5, 6, 7, 8);
  assertEquals(writer.indexes(consumer), [0, 6, 7, 8]);
  assertStrictEquals(writer.source.reserve(0), hold);
  writer.source.cancel();
  assertEquals(writer.indexes(consumer), [0, 6, 7, 8]);
  // Nobody holds it any more: it is the first to give way.
  writer.writeAll(9);
  assertEquals(writer.indexes(consumer), [6, 7, 8, 9]);
  assertEquals(writer.source.handOver.delivered, 0);
});

test("cancelling leaves what was given", () => {
  const writer = new FakeWriter();
  const consumer = writer.choosing();
  writer.writeAll(0, 1);
  const frame = writer.choose(consumer, 0);
  writer.source.reserve(1);
  writer.source.cancel();
  assertEquals([frame.released, isWhole(frame), writer.indexes(consumer)], [false, true, [1]]);
});

test("takeBack() ends a frame, and the reader goes on from there", () => {
  const writer = new FakeWriter();
  const consumer = writer.choosing();
  writer.writeAll(0, 1);
  const frame = writer.choose(consumer, 0);
  writer.source.takeBack(consumer);
  assertEquals([frame.released, writer.source.current(consumer)], [true, undefined]);
  assertEquals([writer.indexes(consumer), writer.free], [[1], 3]);
  writer.source.takeBack(consumer);
  assertEquals(writer.choose(consumer, 1).index, 1);
});

test("two who choose may have the same frame, and each its own place", () => {
  const writer = new FakeWriter({ slots: 5 });
  const [one, two] = [writer.choosing(), writer.choosing()];
  writer.writeAll(0, 1, 2, 3);
  const ahead = writer.choose(one, 2);
  // The other one has passed nothing yet.
  assertEquals([writer.indexes(one), writer.indexes(two)], [[3], [0, 1, 2, 3]]);
  assertEquals(writer.choose(two, 1).index, 1);
  assertEquals([writer.indexes(two), writer.free], [[2, 3], 2]);
  const same = writer.choose(two, 2);
  assertEquals([same.index, same.data.buffer === ahead.data.buffer], [2, true]);
  writer.choose(one, 3);
  assertEquals([ahead.released, same.released, isWhole(same)], [true, false, true]);
});

test("a frame that one who chooses gives back is there for the other one", () => {
  const writer = new FakeWriter();
  const [one, two] = [writer.choosing(), writer.choosing()];
  writer.writeAll(0, 1);
  writer.choose(one, 0);
  writer.choose(one, 1);
  assertEquals(writer.indexes(two), [0, 1]);
  assertEquals(writer.choose(two, 0).index, 0);
});

test("an ordinary reader beside one who chooses takes the newest, and takes nothing away", () => {
  const writer = new FakeWriter({ slots: 6 });
  const [chooser, loop] = [writer.choosing(), writer.source.addConsumer()];
  writer.writeAll(0, 1, 2);
  assertEquals(writer.takeIndex(loop), 2);
  assertEquals(writer.indexes(chooser), [0, 1, 2]);
  writer.writeAll(3);
  assertEquals(writer.takeIndex(loop), 3);
  assertEquals(writer.indexes(chooser), [0, 1, 2, 3]);
  assertEquals(writer.choose(chooser, 1).index, 1);
  assertEquals([writer.takeIndex(loop), writer.indexes(chooser)], [undefined, [2, 3]]);
});

test("the newest frame is the newest for an ordinary reader, though it was chosen by another", () => {
  const writer = new FakeWriter({ slots: 6 });
  const [one, _two, loop] = [writer.choosing(), writer.choosing(), writer.source.addConsumer()];
  writer.writeAll(0, 1, 2);
  // 0 and 1 stay for the second one.
  writer.choose(one, 2);
  assertEquals([writer.takeIndex(loop), writer.takeIndex(loop)], [2, undefined]);
  writer.writeAll(3);
  assertEquals(writer.takeIndex(loop), 3);
});

test("a chosen frame that came too early is left to others, as any", () => {
  const writer = new FakeWriter({ slots: 6 });
  const [chooser, loop] = [writer.choosing(), writer.source.addConsumer()];
  writer.writeAll(0, 1);
  writer.choose(chooser, 1);
  assertEquals(writer.source.take(loop, 1_002), undefined);
  assertEquals(writer.source.take(loop, 1_001)?.index, 1);
});

test("frames wait for those who choose only until they have gone", () => {
  const writer = new FakeWriter();
  const [chooser, loop] = [writer.choosing(), writer.source.addConsumer()];
  writer.writeAll(0, 1, 2);
  assertEquals(writer.takeIndex(loop), 2);
  writer.source.removeConsumer(chooser);
  writer.writeAll(3);
  assertEquals([writer.takeIndex(loop), writer.free], [3, 3]);
});

test("who has chosen and has gone gives back its frame", () => {
  const writer = new FakeWriter();
  const chooser = writer.choosing();
  writer.writeAll(0);
  const frame = writer.choose(chooser, 0);
  writer.source.removeConsumer(chooser);
  assertEquals([frame.released, writer.free], [true, 4]);
});

test("readers who choose count among those that there are buffers for", () => {
  const writer = new FakeWriter({ slots: 3 });
  writer.choosing();
  writer.choosing();
  assertThrows(() => writer.choosing(), RangeError, 'raise the option "buffers"');
});

test("frames of an older connection cannot be chosen, but are kept by who has one", () => {
  const writer = new FakeWriter();
  const consumer = writer.choosing();
  writer.writeAll(0, 1);
  const frame = writer.choose(consumer, 0);
  writer.configure(6, 2);
  assertEquals([writer.indexes(consumer), writer.source.reserve(1)], [[], undefined]);
  writer.writeAll(2, 3, 4, 5, 6);
  assertEquals([isWhole(frame), frame.connection, frame.width], [true, 1, 4]);
  assertEquals(writer.choose(consumer, 4).width, 6);
  assert(frame.released);
});

test("a live writer always finds a slot, and frames are whole, whoever chooses", () => {
  forAll(100, (random) => {
    const slots = random.integer(3, 7);
    const writer = new FakeWriter({ slots });
    const seen = new Map<Consumer, number>();
    let index = 0;
    // What was written last is unread, or with somebody who has not given it back.
    let there = false;
    for (let step = 0; step < 300; step++) {
      const consumers = [...seen.keys()];
      const consumer = consumers.length > 0 ? random.pick(consumers) : undefined;
      const dice = random.number();
      if (dice < 0.4) {
        assert(writer.write(index++), "a live writer always finds a slot");
        there = true;
      } else if (dice < 0.47 && consumers.length < slots - 1) {
        seen.set(writer.source.addConsumer({ choosing: random.number() < 0.6 }), -1);
      } else if (dice < 0.51 && consumer) {
        writer.source.removeConsumer(consumer);
        seen.delete(consumer);
        there = false;
      } else if (dice < 0.53) {
        writer.configure(random.integer(1, 3) * 2, 2);
        there = false;
      } else if (consumer?.choosing) {
        const picked = random.pick([undefined, ...writer.source.candidates(consumer)]);
        const hold = picked && writer.source.reserve(picked.index);
        assertEquals(hold !== undefined, picked !== undefined, "what was looked at is there");
        if (random.number() < 0.2) writer.source.cancel();
        else if (hold) seen.set(consumer, writer.source.give(consumer, hold)?.index ?? NaN);
        else writer.source.takeBack(consumer);
        if (!hold) there = false;
      } else if (consumer) {
        const newest = there ? index - 1 : -1;
        const taken = writer.takeIndex(consumer);
        if (taken === undefined) continue;
        assertGreater(taken, seen.get(consumer) ?? NaN);
        assertGreaterOrEqual(taken, newest);
        seen.set(consumer, taken);
      }
      for (const one of seen.keys()) {
        const frame = writer.source.current(one);
        if (frame) assert(isWhole(frame), `frame ${frame.index} was overwritten`);
      }
    }
    for (const one of seen.keys()) writer.source.removeConsumer(one);
    writer.source.cancel();
    // Nothing is held by nobody: all slots can be written.
    const written = Array.from({ length: slots }, () => writer.write(index++));
    assertEquals(new Set(written), new Set([true]));
  });
});
