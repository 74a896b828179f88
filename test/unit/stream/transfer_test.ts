/** `FrameSource` when the program transfers the buffers of frames, and memory of frames after their end. */

import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { test } from "node:test";
import { FrameReleasedError } from "../../../src/core/frame/frame.ts";
import { byteOf, FakeWriter, isWhole, some } from "./fake_writer.ts";

/** As `postMessage` does it: the receiver's view of it. */
function transferred(data: Uint8Array<ArrayBuffer>): Uint8Array {
  return structuredClone(data, { transfer: [data.buffer] });
}

for (const lossless of [false, true]) {
  const kind = lossless ? "a file" : "a live stream";

  test(`a frame of ${kind} that was transferred keeps its bytes, and the others have theirs`, () => {
    const writer = new FakeWriter({ slots: 3, lossless });
    let warnings = 0;
    writer.source.onTransfer = () => warnings++;
    const consumer = writer.source.addConsumer();
    const received: Uint8Array[] = [];
    for (let index = 0; index < 40; index++) {
      writer.writeAll(index);
      const frame = some(writer.take(consumer));
      assertEquals([frame.index, isWhole(frame)], [index, true]);
      received.push(transferred(frame.data));
      assertEquals(frame.released, true);
      assertThrows(() => frame.data, FrameReleasedError, "its buffer was transferred");
    }
    received.forEach((data, index) => {
      assertEquals([...new Set(data)], [byteOf(index)]);
      assertEquals(data.length, 8);
    });
    assertEquals(warnings, 1);
    // Its reader has the last one still.
    assertEquals(writer.free, 2);
  });

  test(`readers of ${kind} go on when one of them transfers what another has, too`, () => {
    const writer = new FakeWriter({ slots: 4, lossless });
    const one = writer.source.addConsumer();
    const other = writer.source.addConsumer();
    for (let index = 0; index < 20; index++) {
      writer.writeAll(index);
      const frame = some(writer.take(one));
      const same = some(writer.take(other));
      transferred(frame.data);
      // Of the first frame both had the same bytes; since then each has a copy.
      assertEquals([same.index, same.released], [index, index === 0]);
      if (index > 0) assert(isWhole(same));
    }
  });
}

test("what is looked at after stop() keeps its bytes, what was given back before is empty", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(0);
  writer.take(consumer);
  const given = writer.buffers[0]!;
  writer.writeAll(1);
  writer.take(consumer);
  const kept = writer.buffers[1]!;
  writer.source.releaseAll();
  writer.slots.end();
  assertEquals([...new Uint8Array(kept, 0, 8)], Array(8).fill(byteOf(1)));
  assertEquals([given.byteLength, kept.detached], [0, false]);
});

test("memory that was transferred is not used again", () => {
  const writer = new FakeWriter();
  const consumer = writer.source.addConsumer();
  writer.writeAll(0);
  writer.take(consumer);
  const before = writer.table.address(0);
  const received = structuredClone(writer.buffers[0]!, { transfer: [writer.buffers[0]!] });
  writer.configure(4, 2);
  assertFalse(writer.buffers.some(({ detached }) => detached));
  const addresses = [0, 1, 2, 3].map((slot) => writer.table.address(slot));
  assertFalse(addresses.includes(before));
  writer.writeAll(1, 2, 3, 4);
  assertEquals(new Uint8Array(received)[0], 0);
  assert(isWhole(some(writer.take(consumer))));
});
