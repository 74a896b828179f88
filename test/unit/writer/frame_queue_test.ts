import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { loadBackend } from "../../../ffi/backend/mod.ts";
import type { QueuePolicy } from "../../../src/core/options/writer_options.ts";
import { ControlBlock } from "../../../src/core/shared/control_block.ts";
import type { WriteCounter } from "../../../src/core/shared/counters.ts";
import {
  sharedByteLength,
  SLOT_TAIL,
  type SlotMeta,
  SlotTable,
} from "../../../src/core/shared/slot_table.ts";
import { FrameQueue } from "../../../src/writer/frame_queue.ts";
import { forAll } from "../property.ts";

/** What the publishing thread has in hand. */
interface Taken {
  readonly slot: number;
  readonly meta: SlotMeta;
  /** The bytes at the slot's address, as many as the frame's size says. */
  readonly bytes: Uint8Array;
}

/** Native memory, as the publishing thread has it. */
function bytesAt(address: bigint, byteLength: number): Uint8Array {
  const backend = loadBackend();
  const pointer = backend.fromAddress(address);
  assert(pointer);
  return new Uint8Array(backend.bufferAt(pointer, byteLength));
}

/** A queue, and the publishing thread's side of it, in the same thread. */
class Pair {
  readonly control: ControlBlock<WriteCounter>;
  readonly queue: FrameQueue;
  readonly reader: SlotTable;

  constructor(size = 4, policy: QueuePolicy = "block") {
    this.control = new ControlBlock(new SharedArrayBuffer(sharedByteLength(size)));
    this.queue = new FrameQueue(this.control, size, policy);
    this.queue.slots.begin();
    this.reader = new SlotTable(this.control.memory, size);
  }

  /** Where the slots' memory is; 0n before a frame was in one. */
  get addresses(): bigint[] {
    return Array.from({ length: this.reader.length }, (_, slot) => this.reader.address(slot));
  }

  /** A frame in gray8, all of whose bytes are `value`. */
  push(value: number, width = 4, height = 2, time = value / 25): boolean {
    const data = new Uint8Array(width * height).fill(value);
    const taken = this.queue.push({ data, format: "gray8", width, height, time });
    // The program may do with its bytes what it likes.
    data.fill(255);
    return taken;
  }

  pushAll(...values: readonly number[]): boolean[] {
    return values.map((value) => this.push(value));
  }

  take(): Taken | undefined {
    const slot = this.reader.takeOldest(-1);
    if (slot === undefined) return undefined;
    const meta = this.reader.meta(slot);
    const bytes = bytesAt(this.reader.address(slot), meta.sourceWidth * meta.sourceHeight);
    return { slot, meta, bytes };
  }

  /** Takes a frame and gives it back; its value, once all its bytes have been looked at. */
  takeValue(): number | undefined {
    const taken = this.take();
    if (!taken) return undefined;
    this.reader.release(taken.slot);
    return valueOf(taken);
  }

  takeValues(): (number | undefined)[] {
    const values: (number | undefined)[] = [];
    for (let value = this.takeValue(); value !== undefined; value = this.takeValue()) {
      values.push(value);
    }
    return values;
  }
}

function valueOf({ bytes, meta }: Taken): number {
  const [value] = bytes;
  if (bytes.some((byte) => byte !== value)) throw new Error(`frame ${meta.index} is torn`);
  return value!;
}

/** The frame, or the test fails. */
function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is no frame");
  return value;
}

test("a new queue is empty", () => {
  for (const size of [2, 3, 64]) {
    const { queue, reader } = new Pair(size);
    assertEquals([queue.length, queue.full, queue.replaced, queue.refused], [0, false, 0, 0]);
    assertEquals([reader.takeOldest(-1), queue.free], [undefined, size]);
  }
});

test("a frame comes out with its size, its time and its own bytes", () => {
  const pair = new Pair();
  const data = Uint8Array.from({ length: 12 }, (_, i) => i * 3);
  const given = data.slice();
  assert(pair.queue.push({ data, format: "gray8", width: 4, height: 3, time: 1.24 }));
  data.fill(0);
  const { meta, bytes } = some(pair.take());
  assertEquals([...bytes], [...given]);
  assertEquals([meta.sourceWidth, meta.sourceHeight, meta.pts], [4, 3, 1.24]);
});

test("bytes that are a part of others are copied alone", () => {
  const pair = new Pair();
  const all = Uint8Array.from({ length: 40 }, (_, i) => i);
  assert(
    pair.queue.push({ data: all.subarray(10, 18), format: "gray8", width: 4, height: 2, time: 0 }),
  );
  assertEquals([...some(pair.take()).bytes], [10, 11, 12, 13, 14, 15, 16, 17]);
});

test("frames come out in the order in which they were pushed", () => {
  for (const policy of ["block", "drop-oldest"] as const) {
    const pair = new Pair(3, policy);
    for (let value = 0; value < 200; value += 3) {
      pair.pushAll(value, value + 1, value + 2);
      assertEquals(pair.takeValues(), [value, value + 1, value + 2]);
    }
    assertEquals([pair.queue.replaced, pair.queue.refused], [0, 0]);
  }
});

test("block: a frame that has no place is refused, and those that wait stay", () => {
  const pair = new Pair(3);
  assertEquals(pair.pushAll(1, 2, 3, 4, 5), [true, true, true, false, false]);
  assertEquals([pair.queue.refused, pair.queue.replaced], [2, 0]);
  assertEquals(pair.takeValue(), 1);
  assertEquals(pair.pushAll(6, 7), [true, false]);
  assertEquals([pair.queue.refused, pair.queue.replaced], [3, 0]);
  assertEquals(pair.takeValues(), [2, 3, 6]);
});

test("drop-oldest: a frame that has no place takes that of the oldest", () => {
  const pair = new Pair(3, "drop-oldest");
  assertEquals(pair.pushAll(1, 2, 3, 4, 5), [true, true, true, true, true]);
  assertEquals([pair.queue.refused, pair.queue.replaced], [0, 2]);
  assertEquals(pair.takeValues(), [3, 4, 5]);
});

test("drop-oldest: the frame that is being encoded keeps its place", () => {
  const pair = new Pair(3, "drop-oldest");
  pair.pushAll(1, 2, 3);
  const held = some(pair.take());
  pair.pushAll(4, 5, 6, 7);
  assertEquals([valueOf(held), held.meta.index], [1, 0]);
  assertEquals([pair.queue.length, pair.queue.replaced], [3, 4]);
  assertEquals(pair.reader.meta(held.slot), held.meta);
  pair.reader.release(held.slot);
  assertEquals(pair.takeValues(), [6, 7]);
});

test("drop-oldest: a frame is refused when all the others are being encoded", () => {
  const pair = new Pair(2, "drop-oldest");
  pair.pushAll(1, 2);
  const held = [some(pair.take()), some(pair.take())];
  assertFalse(pair.push(3));
  assertEquals([pair.queue.refused, pair.queue.replaced], [1, 0]);
  assertEquals(held.map(valueOf), [1, 2]);
  pair.reader.release(held[0]!.slot);
  assert(pair.push(4));
  assertEquals(pair.takeValues(), [4]);
});

test("length and full count what waits and what is being encoded", () => {
  const pair = new Pair(3);
  const state = () => [pair.queue.length, pair.queue.full];
  pair.push(1);
  assertEquals(state(), [1, false]);
  pair.pushAll(2, 3);
  assertEquals(state(), [3, true]);
  pair.push(4);
  assertEquals(state(), [3, true]);
  const held = some(pair.take());
  assertEquals(state(), [3, true]);
  pair.reader.release(held.slot);
  assertEquals(state(), [2, false]);
  pair.takeValues();
  assertEquals(state(), [0, false]);
});

test("the publishing thread is told of every frame that was taken, and of no other", () => {
  const pair = new Pair(2);
  const counts = [1, 2, 3].map((value) => {
    pair.push(value);
    return pair.control.release.count;
  });
  assertEquals(counts, [1, 2, 2]);
});

test("memory has a tail, and is used again for frames of the same size or smaller", () => {
  const pair = new Pair(2);
  const addresses = new Set<bigint>();
  for (let value = 0; value < 20; value++) {
    const [width, height] = value % 3 ? [4, 2] : [2, 2];
    if (value === 0) pair.push(0);
    else pair.push(value, width, height);
    assertEquals(pair.takeValue(), value);
    for (const address of pair.addresses) addresses.add(address);
  }
  assertEquals([addresses.size, addresses.has(0n)], [2, true]);
  // The tail is there for whoever writes beyond a row.
  const [address] = pair.addresses;
  assertEquals(bytesAt(address!, 8 + SLOT_TAIL).fill(255).length, 8 + SLOT_TAIL);
});

test("a bigger frame gets bigger memory, the other slots keep theirs", () => {
  const pair = new Pair(3);
  pair.pushAll(1, 2, 3);
  const [first, ...others] = pair.addresses;
  const held = some(pair.take());
  pair.reader.release(held.slot);
  assert(pair.push(4, 40, 30));
  assertEquals(held.slot, 0);
  assert(pair.addresses[0] !== first);
  assertEquals(pair.addresses.slice(1), others);
  assertEquals(pair.takeValues(), [2, 3, 4]);
});

test("a bigger frame leaves the bytes alone that are being encoded", () => {
  const pair = new Pair(2, "drop-oldest");
  pair.pushAll(1, 2);
  const held = some(pair.take());
  const address = pair.addresses[held.slot];
  for (const value of [3, 4, 5]) assert(pair.push(value, 10 * value, 10 * value));
  assertStrictEquals(pair.addresses[held.slot], address);
  assertEquals(valueOf(held), 1);
  pair.reader.release(held.slot);
  assertEquals(pair.takeValues(), [5]);
});

test("a bigger frame that is refused gets no memory", () => {
  const pair = new Pair(2);
  pair.pushAll(1, 2);
  const before = pair.addresses;
  assertFalse(pair.push(3, 100, 100));
  assertEquals(pair.addresses, before);
});

test("what the thread has is not freed before the thread is over", () => {
  const pair = new Pair(2);
  pair.pushAll(1, 2);
  const held = some(pair.take());
  pair.queue.end();
  assertEquals(valueOf(held), 1);
  pair.queue.slots.end();
});

test("any order of frames of any size comes out as the policy says, whole", () => {
  forAll(100, (random) => {
    const size = random.integer(2, 5);
    const policy = random.pick(["block", "drop-oldest"] as const);
    const pair = new Pair(size, policy);
    let waiting: number[] = [];
    let held: { taken: Taken; value: number }[] = [];
    let [value, replaced, refused] = [0, 0, 0];
    for (let step = 0; step < 200; step++) {
      const message = JSON.stringify({ step, size, policy });
      const action = random.pick(["push", "push", "take", "release"]);
      if (action === "push") {
        value = (value + 1) % 250;
        const full = waiting.length + held.length === size;
        const oldest = policy === "drop-oldest" && waiting.length > 0;
        assertEquals(pair.push(value, random.integer(1, 9), 3), !full || oldest, message);
        if (full && oldest) {
          waiting.shift();
          replaced++;
        }
        if (full && !oldest) refused++;
        else waiting = [...waiting, value];
      } else if (action === "take") {
        const taken = pair.take();
        assertEquals(taken && valueOf(taken), waiting[0], message);
        if (taken) held.push({ taken, value: waiting.shift() ?? -1 });
      } else if (held.length > 0) {
        const one = random.pick(held);
        held = held.filter((other) => other !== one);
        pair.reader.release(one.taken.slot);
      }
      for (const { taken, value } of held) assertEquals(valueOf(taken), value, message);
      const { length, full } = pair.queue;
      const expected = waiting.length + held.length;
      assertEquals([length, full], [expected, expected === size], message);
      assertEquals([pair.queue.replaced, pair.queue.refused], [replaced, refused], message);
    }
  });
});

test("a queue that moves to other words is empty, and leaves its memory where it was", () => {
  const pair = new Pair(2, "drop-oldest");
  for (const value of [1, 2, 3]) pair.push(value);
  const { queue } = pair;
  const old = pair.addresses;
  const control = new ControlBlock<WriteCounter>(new SharedArrayBuffer(sharedByteLength(2)));
  queue.moveTo(control);
  assertEquals([queue.length, queue.replaced], [0, 1]);
  assert(pair.push(9));
  assertEquals([queue.length, pair.control.release.count], [1, 3]);
  assertEquals(control.release.count, 1);
  const table = new SlotTable(control.memory, 2);
  const slot = table.takeOldest(-Infinity);
  assert(slot !== undefined);
  assertEquals(bytesAt(table.address(slot), 1)[0], 9);
  assertFalse(old.includes(table.address(slot)));
});
