/** Slots whose frames are looked at, taken by their index and put back. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { sharedByteLength, type SlotMeta, SlotTable } from "../../../src/core/shared/slot_table.ts";
import { forAll } from "../property.ts";

function makeTable(slots: number): SlotTable {
  return new SlotTable(new SharedArrayBuffer(sharedByteLength(slots)), slots);
}

function meta(index: number): SlotMeta {
  return {
    index,
    pts: index / 25,
    arrivalTime: index * 10,
    captureTime: index * 10 - 4,
    cameraClock: index % 2 === 0,
    keyframe: index % 10 === 0,
    corrupt: false,
    sourceWidth: 64,
    sourceHeight: 48,
    readyTime: index * 10 + 1,
    clockOffset: 0,
    orientation: 0,
    sampleAspectRatio: 1,
  };
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

function peeked(table: SlotTable, after = -1): number[] {
  return table.peek(after).map(({ index }) => index).sort((a, b) => a - b);
}

test("peek() tells of all unread frames above the index, and takes none", () => {
  const table = makeTable(4);
  assertEquals(table.peek(-1), []);
  fill(table, 5, 9, 7);
  for (let look = 0; look < 2; look++) {
    assertEquals([peeked(table), peeked(table, 5), peeked(table, 9)], [[5, 7, 9], [7, 9], []]);
  }
  assertEquals(table.free, 1);
  assertEquals(table.peek(8), [meta(9)]);
});

test("peek() does not tell of what is held, written or free", () => {
  const table = makeTable(4);
  fill(table, 1, 2, 3);
  table.takeOldest(-1);
  const written = table.stealOldest() ?? -1;
  assertEquals(peeked(table), [3]);
  table.markReady(written, meta(4));
  assertEquals(peeked(table), [3, 4]);
  table.freeOlder(4);
  assertEquals(peeked(table), [4]);
});

test("takeExactly() takes the frame of that index alone, while it is there", () => {
  const table = makeTable(4);
  const [five, nine] = fill(table, 5, 9);
  assertEquals([table.takeExactly(7), table.takeExactly(4)], [undefined, undefined]);
  assertEquals(table.takeExactly(5), five);
  assertEquals([table.takeExactly(5), peeked(table)], [undefined, [9]]);
  assertEquals(table.stealOldest(), nine);
  assertEquals(table.takeExactly(9), undefined);
  // What was in a slot before it was freed is not there any more.
  table.abandon(nine!);
  assertEquals(table.takeExactly(9), undefined);
});

test("a frame that was put back can be seen, taken and stolen again", () => {
  const takes: ((table: SlotTable) => unknown)[] = [
    (table) => table.takeExactly(3),
    (table) => table.takeNewest(-1),
    (table) => table.takeOldest(-1),
    (table) => table.stealOldest(),
  ];
  for (const take of takes) {
    const table = makeTable(2);
    const [slot] = fill(table, 3);
    assertEquals(table.takeExactly(3), slot);
    assertEquals([peeked(table), table.stealOldest()], [[], undefined]);
    table.putBack(slot!);
    assertEquals([table.peek(-1), table.free], [[meta(3)], 1]);
    assertEquals(take(table), slot);
  }
});

test("putBack() changes nothing but a held slot", () => {
  const table = makeTable(3);
  const [ready] = fill(table, 1);
  const writing = table.takeFree() ?? -1;
  for (const slot of [0, 1, 2]) table.putBack(slot);
  assertEquals([peeked(table), table.free], [[1], 1]);
  table.markReady(writing, meta(2));
  table.takeExactly(1);
  table.release(ready!);
  table.putBack(ready!);
  assertEquals([peeked(table), table.free], [[2], 2]);
});

test("any order of looks, takes and returns gives what the rules say", () => {
  forAll(35, (random) => {
    const table = makeTable(random.integer(2, 6));
    const [ready, held] = [new Set<number>(), new Map<number, number>()];
    let last = -1;
    for (let step = 0; step < 300; step++) {
      const dice = random.number();
      if (dice < 0.4) {
        const slot = table.takeFree() ?? table.stealOldest();
        assertEquals(slot === undefined, held.size === table.length);
        if (slot === undefined) continue;
        // The oldest gives way where none is free.
        if (ready.size + held.size === table.length) ready.delete(Math.min(...ready));
        table.markReady(slot, meta(++last));
        ready.add(last);
      } else if (dice < 0.7) {
        const index = random.integer(Math.max(0, last - 8), last + 1);
        const slot = table.takeExactly(index);
        assertEquals(slot !== undefined, ready.delete(index));
        if (slot !== undefined) held.set(index, slot);
      } else if (held.size > 0) {
        const [index, slot] = random.pick([...held]);
        assertEquals(table.meta(slot), meta(index));
        held.delete(index);
        if (random.number() < 0.5) {
          table.putBack(slot);
          ready.add(index);
        } else {
          table.release(slot);
        }
      }
      const after = random.integer(-1, last);
      const expected = [...ready].filter((index) => index > after).sort((a, b) => a - b);
      assertEquals(peeked(table, after), expected);
      assertEquals(table.free, table.length - ready.size - held.size);
    }
  });
});
