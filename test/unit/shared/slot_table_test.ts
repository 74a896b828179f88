import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { test } from "node:test";
import { ControlBlock, SLOTS_OFFSET } from "../../../src/core/shared/control_block.ts";
import type { ReadCounter } from "../../../src/core/shared/counters.ts";
import { sharedByteLength, type SlotMeta, SlotTable } from "../../../src/core/shared/slot_table.ts";
import { forAll } from "../property.ts";

function makeTable(slots: number): SlotTable {
  return new SlotTable(new SharedArrayBuffer(sharedByteLength(slots)), slots);
}

const BLANK: SlotMeta = {
  index: 0,
  pts: 0,
  arrivalTime: 5,
  captureTime: 4,
  cameraClock: false,
  keyframe: false,
  corrupt: false,
  sourceWidth: 64,
  sourceHeight: 48,
  readyTime: 6,
  clockOffset: 0,
  orientation: 0,
  sampleAspectRatio: 1,
};

function meta(index: number): SlotMeta {
  return { ...BLANK, index, pts: index / 25, arrivalTime: index * 10 };
}

/** Marks free slots as ready with frames of these indexes; gives the slots. */
function fill(table: SlotTable, ...indexes: number[]): number[] {
  return indexes.map((index) => {
    const slot = table.takeFree();
    if (slot === undefined) throw new Error(`no free slot for ${index}`);
    table.markReady(slot, meta(index));
    return slot;
  });
}

function indexOf(table: SlotTable, slot: number | undefined): number | undefined {
  return slot === undefined ? undefined : table.meta(slot).index;
}

test("takeFree() gives every slot once, and none while they are written", () => {
  const table = makeTable(3);
  assertEquals([table.takeFree(), table.takeFree(), table.takeFree()].sort(), [0, 1, 2]);
  assertEquals(table.takeFree(), undefined);
  assertEquals(table.stealOldest(), undefined);
  assertEquals(table.takeNewest(-1), undefined);
  assertEquals(table.takeOldest(-1), undefined);
});

test("abandon() makes a slot free that was taken to be written", () => {
  const table = makeTable(2);
  const slot = table.takeFree() ?? -1;
  table.takeFree();
  table.abandon(slot);
  assertEquals([table.takeNewest(-1), table.takeFree()], [undefined, slot]);
});

test("takeNewest() takes the highest index, takeOldest() the lowest, wherever they are", () => {
  for (const order of [[5, 9, 7], [9, 5, 7], [7, 9, 5], [5, 7, 9]]) {
    const newest = makeTable(3);
    fill(newest, ...order);
    assertEquals(indexOf(newest, newest.takeNewest(-1)), 9);
    assertEquals(indexOf(newest, newest.takeNewest(-1)), 7);
    const oldest = makeTable(3);
    fill(oldest, ...order);
    assertEquals(indexOf(oldest, oldest.takeOldest(-1)), 5);
    assertEquals(indexOf(oldest, oldest.takeOldest(-1)), 7);
  }
});

test("the reader takes no frame that is not above the index it names", () => {
  const table = makeTable(3);
  fill(table, 5, 7);
  assertEquals([table.takeNewest(7), table.takeOldest(7)], [undefined, undefined]);
  assertEquals(indexOf(table, table.takeOldest(5)), 7);
  assertEquals(table.takeOldest(5), undefined);
  assertEquals(indexOf(table, table.takeNewest(4)), 5);
});

test("takeNewest() leaves the newest frame, and all others, if it arrived too early", () => {
  const table = makeTable(4);
  fill(table, 5, 9, 7);
  // Frame 9 arrived at 90.
  for (const since of [90.5, 91, Infinity]) {
    assertEquals(table.takeNewest(-1, since), undefined, String(since));
    assertEquals(table.takeNewest(8, since), undefined, String(since));
  }
  const free = table.takeFree() ?? -1;
  assertEquals(table.takeFree(), undefined);
  table.abandon(free);
  assertEquals(indexOf(table, table.takeNewest(-1, 90)), 9);
  // Nor does it take one that is not above the index, whenever it arrived.
  assertEquals(table.takeNewest(7, -Infinity), undefined);
  assertEquals(table.takeNewest(7, 0), undefined);
  assertEquals(table.takeNewest(-1, 71), undefined);
  assertEquals(indexOf(table, table.takeNewest(-1, 70)), 7);
  assertEquals(indexOf(table, table.takeOldest(-1)), 5);
});

test("a frame that takeNewest() left can be taken, stolen and freed", () => {
  const rows: readonly ((table: SlotTable) => unknown)[] = [
    (table) => indexOf(table, table.takeNewest(-1)),
    (table) => indexOf(table, table.takeOldest(-1)),
    (table) => indexOf(table, table.stealOldest()),
    (table) => table.freeOlder(4) === 1 && 3,
  ];
  for (const take of rows) {
    const table = makeTable(2);
    fill(table, 3);
    assertEquals(table.takeNewest(-1, 31), undefined);
    assertEquals(take(table), 3);
    assertEquals(table.takeNewest(-1), undefined);
  }
});

test("nobody gets a slot that is held, until release()", () => {
  const table = makeTable(2);
  fill(table, 1, 2);
  const held = table.takeNewest(-1) ?? -1;
  assertEquals(table.takeFree(), undefined);
  assertEquals(table.freeOlder(100), 1);
  assertEquals(table.stealOldest(), undefined);
  assertEquals([table.takeNewest(-1), table.takeOldest(-1)], [undefined, undefined]);
  assertEquals(table.meta(held), meta(2));
  table.takeFree();
  assertEquals(table.takeFree(), undefined);
  table.release(held);
  assertEquals(table.takeFree(), held);
});

test("release() changes nothing but a held slot", () => {
  const table = makeTable(2);
  const [ready] = fill(table, 1);
  const writing = table.takeFree() ?? -1;
  table.release(ready!);
  table.release(writing);
  assertEquals(table.takeFree(), undefined);
  assertEquals(table.takeNewest(-1), ready);
});

test("stealOldest() takes the oldest frame that nobody has taken", () => {
  const table = makeTable(4);
  fill(table, 4, 3, 6, 5);
  assertEquals(indexOf(table, table.takeOldest(-1)), 3);
  assertEquals(indexOf(table, table.stealOldest()), 4);
  assertEquals(indexOf(table, table.stealOldest()), 5);
  assertEquals(indexOf(table, table.takeNewest(-1)), 6);
  assertEquals(table.stealOldest(), undefined);
});

test("freeOlder() frees unread frames below the index alone, and counts them", () => {
  const table = makeTable(5);
  fill(table, 1, 2, 3, 4);
  assertEquals(indexOf(table, table.takeOldest(-1)), 1);
  assertEquals(table.freeOlder(4), 2);
  assertEquals(table.freeOlder(4), 0);
  assertEquals(indexOf(table, table.takeOldest(-1)), 4);
  assertEquals([table.takeFree(), table.takeFree(), table.takeFree()].includes(undefined), false);
  assertEquals(table.takeFree(), undefined);
});

test("meta() gives back what was published", () => {
  const table = makeTable(2);
  const one: SlotMeta = {
    index: 2 ** 40,
    pts: NaN,
    arrivalTime: 1_700_000_000_123.25,
    captureTime: 1_700_000_000_120.75,
    cameraClock: true,
    keyframe: true,
    corrupt: true,
    sourceWidth: 16_384,
    sourceHeight: 2,
    readyTime: 1_700_000_000_124.5,
    clockOffset: 86_400_000.25,
    orientation: 0,
    sampleAspectRatio: 1,
  };
  const two: SlotMeta = { ...BLANK, index: 7, pts: -0.04 };
  table.markReady(0, one);
  table.markReady(1, two);
  assertEquals([table.meta(0), table.meta(1)], [one, two]);
});

test("reset() makes all slots free and gives them their addresses", () => {
  const table = makeTable(3);
  fill(table, 1, 2);
  table.takeNewest(-1);
  const addresses = [0x7fff_1234_5678_9abcn, 1n, 2n ** 64n - 1n];
  table.reset(addresses);
  assertEquals([0, 1, 2].map((slot) => table.address(slot)), addresses);
  assertEquals(table.takeNewest(-1), undefined);
  assertEquals([table.takeFree(), table.takeFree(), table.takeFree()].sort(), [0, 1, 2]);
});

test("move() gives a slot that is written another address, and no other slot", () => {
  const memory = new SharedArrayBuffer(sharedByteLength(3));
  const [writer, reader] = [new SlotTable(memory, 3), new SlotTable(memory, 3)];
  writer.reset([10n, 20n, 30n]);
  writer.takeFree();
  const slot = writer.takeFree() ?? -1;
  writer.move(slot, 2n ** 64n - 1n);
  const others = [10n, 20n, 30n].toSpliced(slot, 1, 2n ** 64n - 1n);
  assertEquals([0, 1, 2].map((i) => reader.address(i)), others);
  writer.markReady(slot, meta(7));
  assertEquals(reader.takeOldest(-1), slot);
  assertEquals([reader.address(slot), reader.meta(slot)], [2n ** 64n - 1n, meta(7)]);
  // It keeps the address from one frame to the next.
  reader.release(slot);
  assertEquals(writer.address(slot), 2n ** 64n - 1n);
});

test("free counts the slots that are neither written nor unread nor held", () => {
  const table = makeTable(4);
  assertEquals(table.free, 4);
  const slot = table.takeFree() ?? -1;
  assertEquals(table.free, 3);
  table.markReady(slot, meta(1));
  assertEquals(table.free, 3);
  fill(table, 2);
  assertEquals(table.free, 2);
  assertEquals(table.takeOldest(-1), slot);
  assertEquals(table.free, 2);
  table.release(slot);
  assertEquals(table.free, 3);
  const stolen = table.stealOldest() ?? -1;
  assertEquals(table.free, 3);
  table.abandon(stolen);
  assertEquals(table.free, 4);
  fill(table, 3, 4, 5, 6);
  assertEquals([table.free, table.takeFree()], [0, undefined]);
  assertEquals([table.freeOlder(5), table.free], [2, 2]);
  table.reset([1n, 2n, 3n, 4n]);
  assertEquals(table.free, 4);
});

for (const slots of [2, 3, 4, 63, 64]) {
  test(`two tables of ${slots} slots over the same memory are one`, () => {
    const memory = new SharedArrayBuffer(sharedByteLength(slots));
    const [writer, reader] = [new SlotTable(memory, slots), new SlotTable(memory, slots)];
    const addresses = Array.from({ length: slots }, (_, i) => BigInt(i) << 40n);
    reader.reset(addresses);
    const written = fill(writer, ...Array.from({ length: slots }, (_, i) => 100 + i));
    for (const slot of written) {
      assertEquals(reader.takeOldest(-1), slot);
      assertEquals(reader.meta(slot), meta(100 + slot));
      assertEquals(writer.address(slot), addresses[slot]);
    }
  });

  test(`the words of ${slots} slots and the control words do not overlap`, () => {
    const memory = new SharedArrayBuffer(sharedByteLength(slots));
    const [table, control] = [new SlotTable(memory, slots), new ControlBlock<ReadCounter>(memory)];
    control.set("frameInterval", 40);
    control.inputFormat = 3;
    const before = control.bytes.slice(0, SLOTS_OFFSET);
    table.reset(Array.from({ length: slots }, () => 2n ** 64n - 1n));
    fill(table, ...Array.from({ length: slots }, (_, i) => i));
    assertEquals(control.bytes.slice(0, SLOTS_OFFSET), before);
    assertGreaterOrEqual(memory.byteLength, SLOTS_OFFSET);
  });
}

/** The states as one would write them down on paper. */
class Model {
  readonly slots: { state: "free" | "writing" | "ready" | "held"; index: number }[];

  constructor(count: number) {
    this.slots = Array.from({ length: count }, () => ({ state: "free", index: -1 }));
  }

  ready(after: number): number[] {
    return this.slots.filter((s) => s.state === "ready" && s.index > after).map((s) => s.index)
      .sort((a, b) => a - b);
  }

  in(state: string): number[] {
    return this.slots.flatMap((s, slot) => s.state === state ? [slot] : []);
  }
}

test("any order of calls gives what the rules say", () => {
  forAll(50, (random) => {
    const count = random.integer(2, 6);
    const [table, model] = [makeTable(count), new Model(count)];
    let index = 0;
    const steps: Record<string, () => void> = {
      takeFree() {
        const slot = table.takeFree();
        assertEquals(slot !== undefined, model.in("free").length > 0);
        if (slot === undefined) return;
        assertEquals(model.slots[slot]!.state, "free");
        model.slots[slot]!.state = "writing";
      },
      steal() {
        const slot = table.stealOldest();
        assertEquals(indexOf(table, slot), model.ready(-1)[0]);
        if (slot !== undefined) model.slots[slot]!.state = "writing";
      },
      fill() {
        const [slot] = model.in("writing");
        if (slot === undefined) return;
        table.markReady(slot, meta(++index));
        model.slots[slot] = { state: "ready", index };
      },
      take() {
        const after = random.integer(-1, index);
        const newest = random.number() < 0.5;
        const since = random.pick([-Infinity, (index - random.integer(-1, 3)) * 10]);
        const slot = newest ? table.takeNewest(after, since) : table.takeOldest(after);
        const found = model.ready(after).at(newest ? -1 : 0);
        const left = newest && found !== undefined && found * 10 < since;
        assertEquals(indexOf(table, slot), left ? undefined : found);
        if (slot !== undefined) model.slots[slot]!.state = "held";
      },
      freeOlder() {
        const below = random.integer(0, index + 1);
        const old = model.slots.filter((s) => s.state === "ready" && s.index < below);
        assertEquals(table.freeOlder(below), old.length);
        old.forEach((s) => s.state = "free");
      },
      release() {
        const slot = random.integer(0, count - 1);
        table.release(slot);
        if (model.slots[slot]!.state === "held") model.slots[slot]!.state = "free";
      },
    };
    for (let step = 0; step < 300; step++) {
      random.pick(Object.values(steps))();
      assertEquals(table.free, model.in("free").length);
    }
  });
});
