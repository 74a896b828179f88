/** Readers that choose among the frames of a file, which waits for the others only. */

import { assert, assertEquals, assertFalse } from "@std/assert";
import { test } from "node:test";
import type { Consumer } from "../../../src/stream/consumers.ts";
import { forAll } from "../property.ts";
import { FakeWriter } from "./fake_writer.ts";

function makeFile(slots = 4): FakeWriter {
  return new FakeWriter({ slots, lossless: true });
}

test("a file does not wait for who only looks: its oldest frame gives way", () => {
  const writer = makeFile();
  const consumer = writer.choosing();
  writer.writeAll(0, 1, 2, 3);
  assertFalse(writer.write(4));
  // The look that finds it full makes room.
  assertEquals(writer.indexes(consumer), [1, 2, 3]);
  assert(writer.write(4));
  assertEquals(writer.indexes(consumer), [2, 3, 4]);
  assertEquals(writer.source.handOver.unread, 2);
});

test("who makes room tells the file that it may go on", () => {
  const writer = makeFile();
  const consumer = writer.choosing();
  let told = 0;
  writer.source.onFree = () => told++;
  writer.writeAll(0, 1, 2);
  writer.indexes(consumer);
  assertEquals(told, 0);
  writer.writeAll(3);
  writer.indexes(consumer);
  assertEquals(told, 1);
});

test("a frame of a file that is chosen frees those before it", () => {
  const writer = makeFile();
  const consumer = writer.choosing();
  writer.writeAll(0, 1, 2);
  writer.choose(consumer, 1);
  assertEquals([writer.indexes(consumer), writer.free], [[2], 2]);
});

test("a frame of a file that was reserved and cancelled is not held for ever", () => {
  const writer = makeFile();
  const consumer = writer.choosing();
  for (let index = 0; index < 40; index += 2) {
    writer.writeAll(index);
    assert(writer.source.reserve(index));
    writer.source.cancel();
    assertEquals(writer.indexes(consumer), [index]);
    writer.writeAll(index + 1);
    writer.choose(consumer, index + 1);
    assertEquals(writer.free, 3);
  }
});

test("a reserved frame of a file that is cancelled gives way to newer ones, too", () => {
  const writer = makeFile();
  const consumer = writer.choosing();
  for (let index = 0; index < 20; index++) {
    assert(writer.write(index), `no slot for frame ${index}`);
    const [oldest] = writer.indexes(consumer);
    assert(writer.source.reserve(oldest!));
    writer.source.cancel();
  }
});

test("an ordinary reader of a file gets every frame, whatever another one chooses", () => {
  const writer = makeFile(6);
  const [chooser, loop] = [writer.choosing(), writer.source.addConsumer()];
  writer.writeAll(0, 1, 2, 3);
  writer.choose(chooser, 2);
  assertEquals([0, 1, 2, 3].map(() => writer.takeIndex(loop)), [0, 1, 2, 3]);
  assertEquals(writer.takeIndex(loop), undefined);
});

test("a file waits for its ordinary reader, however often another one looks", () => {
  const writer = makeFile();
  const [chooser, loop] = [writer.choosing(), writer.source.addConsumer()];
  writer.writeAll(0, 1, 2, 3);
  for (let look = 0; look < 5; look++) assertEquals(writer.indexes(chooser), [0, 1, 2, 3]);
  assertFalse(writer.write(4));
  assertEquals(writer.takeIndex(loop), 0);
  assertFalse(writer.write(4));
  assertEquals(writer.takeIndex(loop), 1);
  assert(writer.write(4));
  assertEquals(writer.indexes(chooser), [1, 2, 3, 4]);
});

test("a file goes on for who chooses when its last ordinary reader has gone", () => {
  const writer = makeFile();
  const [chooser, loop] = [writer.choosing(), writer.source.addConsumer()];
  writer.writeAll(0, 1, 2, 3);
  assertEquals(writer.takeIndex(loop), 0);
  assertEquals(writer.indexes(chooser), [0, 1, 2, 3]);
  // There will be no news for it to look at if the file cannot go on.
  writer.source.removeConsumer(loop);
  assert(writer.write(4), "the file stands still");
  assertEquals(writer.indexes(chooser).at(-1), 4);
});

test("frames of a file wait for its next reader when who chose has gone", () => {
  const writer = makeFile();
  const chooser = writer.choosing();
  writer.writeAll(0, 1, 2);
  writer.choose(chooser, 0);
  writer.source.removeConsumer(chooser);
  writer.writeAll(3);
  const loop = writer.source.addConsumer();
  assertEquals([1, 2, 3].map(() => writer.takeIndex(loop)), [1, 2, 3]);
});

test("frames of a file can be chosen after a new size, and are forgotten when passed", () => {
  const writer = makeFile();
  const consumer = writer.choosing();
  writer.writeAll(0, 1, 2);
  writer.configure(6, 2);
  writer.writeAll(3);
  assertEquals(writer.indexes(consumer), [0, 1, 2, 3]);
  assertEquals(writer.choose(consumer, 1).width, 4);
  assertEquals(writer.indexes(consumer), [2, 3]);
  assertEquals(writer.choose(consumer, 3).width, 6);
  // 0 and 2 were passed: a new reader, too, begins behind them.
  assertEquals(writer.indexes(writer.choosing()), [3]);
});

test("whoever chooses, ordinary readers of a file get every frame in order", () => {
  forAll(60, (random) => {
    const slots = random.integer(3, 7);
    const writer = makeFile(slots);
    const loop = writer.source.addConsumer();
    const choosers: Consumer[] = [];
    const taken: number[] = [];
    let written = 0;
    const take = () => {
      const index = writer.takeIndex(loop);
      if (index !== undefined) taken.push(index);
      return index !== undefined;
    };
    for (let step = 0; step < 300; step++) {
      const dice = random.number();
      if (dice < 0.4) {
        if (writer.write(written)) written++;
      } else if (dice < 0.6) {
        take();
      } else if (dice < 0.65 && choosers.length < slots - 2) {
        choosers.push(writer.choosing());
      } else if (dice < 0.67 && choosers.length > 0) {
        writer.source.removeConsumer(choosers.splice(0, 1)[0]!);
      } else if (dice < 0.69) {
        writer.configure(random.integer(1, 3) * 2, 2);
      } else if (choosers.length > 0) {
        const consumer = random.pick(choosers);
        const picked = random.pick([undefined, ...writer.source.candidates(consumer)]);
        const hold = picked && writer.source.reserve(picked.index);
        assertEquals(hold !== undefined, picked !== undefined, "what was looked at is there");
        if (random.number() < 0.3) writer.source.cancel();
        else if (hold) assert(writer.source.give(consumer, hold));
        else if (random.number() < 0.5) writer.source.takeBack(consumer);
      }
    }
    while (take());
    assertEquals(taken, Array.from({ length: written }, (_, index) => index));
  });
});

test("whoever chooses, a file without ordinary readers goes on with every look", () => {
  forAll(60, (random) => {
    const slots = random.integer(3, 7);
    const writer = makeFile(slots);
    const choosers = [writer.choosing()];
    let written = 0;
    for (let step = 0; step < 300; step++) {
      const consumer = random.pick(choosers);
      const there = writer.source.candidates(consumer);
      assert(writer.write(written++), `no slot for frame ${written}`);
      const picked = random.pick([undefined, ...there]);
      const hold = picked && writer.source.reserve(picked.index);
      if (random.number() < 0.3) writer.source.cancel();
      else if (hold) assert(writer.source.give(consumer, hold));
      else if (random.number() < 0.5) writer.source.takeBack(consumer);
      if (random.number() < 0.05 && choosers.length < slots - 1) choosers.push(writer.choosing());
      if (random.number() < 0.03) writer.configure(random.integer(1, 3) * 2, 2);
    }
  });
});
