/** A thread that writes and one that reads, at full speed, over the same slots. */

import { assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ControlBlock } from "../../../src/core/shared/control_block.ts";
import { sharedByteLength, type SlotMeta, SlotTable } from "../../../src/core/shared/slot_table.ts";
import { byteOf, SLOT_BYTES, type WriterMode, type WriterOrder } from "./slot_table_race.ts";

const HAND_OVERS = 100_000;
/** Without a hand-over: how long all of them take depends on what else the machine does. */
const DEADLINE_MS = 60_000;

interface Race {
  readonly writer: WriterMode;
  readonly slots: number;
  /**
   * "newest" frees what it skips, as a live reader does; "chosen" looks at all, takes
   * any of them by its index, and gives every third one back unread.
   */
  readonly take: "newest" | "oldest" | "chosen";
  /** Broken on purpose: the slot is given back before its bytes are read. */
  readonly releaseFirst?: boolean | undefined;
}

interface Result {
  /** Frames that were taken. */
  taken: number;
  /** Frames with bytes of more than one value, or of another frame. */
  torn: number;
  /** Frames whose numbers changed while they were held. */
  changed: number;
  /** Frames with an index that is not above the one before. */
  backwards: number;
  /** Frames that came before and came again. */
  twice: number;
  /** Indexes up to the highest that never came. */
  missing: number;
  /** Frames with numbers of two, or that were looked at and were another when taken. */
  mixed: number;
  /** Frames that were looked at and were gone when they should be taken. */
  gone: number;
}

function read(race: Race, memory: SharedArrayBuffer, payload: SharedArrayBuffer): Result {
  const [control, table] = [new ControlBlock(memory), new SlotTable(memory, race.slots)];
  const bytes = new Uint8Array(payload);
  const result: Result = {
    ...{ taken: 0, torn: 0, changed: 0, backwards: 0, twice: 0, missing: 0, mixed: 0, gone: 0 },
  };
  const seen = new Set<number>();
  let deadline = performance.now() + DEADLINE_MS;
  let [last, highest] = [-1, -1];
  while (result.taken < HAND_OVERS && performance.now() < deadline) {
    const slot = take(race, table, last, result);
    if (slot === undefined) continue;
    deadline = performance.now() + DEADLINE_MS;
    const { index } = table.meta(slot);
    if (race.releaseFirst) table.release(slot);
    if (race.take === "newest") table.freeOlder(index);
    const expected = byteOf(index);
    let intact = true;
    for (let i = slot * SLOT_BYTES; i < (slot + 1) * SLOT_BYTES; i++) {
      if (bytes[i] !== expected) intact = false;
    }
    result.taken++;
    if (!intact) result.torn++;
    if (table.meta(slot).index !== index) result.changed++;
    if (index <= last) result.backwards++;
    if (seen.has(index)) result.twice++;
    seen.add(index);
    last = index;
    highest = Math.max(highest, index);
    if (race.take === "chosen" && result.taken % 3 === 0) {
      table.putBack(slot);
      seen.delete(index);
      last = Math.min(last, index - 1);
    } else if (!race.releaseFirst) table.release(slot);
    control.release.signal();
  }
  control.requestStop();
  result.missing = highest + 1 - seen.size;
  return result;
}

function take(race: Race, table: SlotTable, last: number, result: Result): number | undefined {
  // Not above `last`, as a reader would say: an order that is wrong must show.
  if (race.take === "newest") return table.takeNewest(-1);
  if (race.take === "oldest") return table.takeOldest(-1);
  const there = table.peek(last);
  // The writer gives all numbers of a frame the value of its index.
  const mixed = ({ index, arrivalTime, readyTime, pts }: SlotMeta) =>
    arrivalTime !== index || readyTime !== index || pts !== index / 25;
  result.mixed += there.filter(mixed).length;
  if (there.length === 0) return undefined;
  const { index } = there[result.taken % there.length]!;
  const slot = table.takeExactly(index);
  if (slot === undefined) result.gone++;
  else if (table.meta(slot).index !== index || mixed(table.meta(slot))) result.mixed++;
  return slot;
}

/** Runs the race until so many hand-overs are done, or none comes any more. */
async function run(race: Race): Promise<Result> {
  const memory = new SharedArrayBuffer(sharedByteLength(race.slots));
  const payload = new SharedArrayBuffer(race.slots * SLOT_BYTES);
  const worker = new Worker(new URL("./slot_writer_worker.ts", import.meta.url));
  try {
    const over = new Promise<void>((resolve, reject) => {
      worker.once("message", () => resolve());
      worker.once("error", reject);
    });
    const { writer: mode, slots } = race;
    const frames = mode === "lossless" ? HAND_OVERS : Infinity;
    worker.postMessage({ mode, slots, memory, payload, frames } satisfies WriterOrder);
    // The thread may need this one to start; it has started when there is a frame.
    const table = new SlotTable(memory, slots);
    const deadline = performance.now() + DEADLINE_MS;
    while (table.meta(0).arrivalTime === 0 && table.meta(1).arrivalTime === 0) {
      if (performance.now() > deadline) throw new Error("the writing thread did not start");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const result = read(race, memory, payload);
    await over;
    return result;
  } finally {
    await worker.terminate();
  }
}

const CLEAN = { taken: HAND_OVERS, torn: 0, changed: 0, twice: 0, mixed: 0 };

for (const slots of [2, 3, 4]) {
  test(`no frame is torn in 100,000 hand-overs of the newest from ${slots} slots`, async () => {
    const { missing: _, ...result } = await run({ writer: "live", slots, take: "newest" });
    assertEquals(result, { ...CLEAN, backwards: 0, gone: 0 });
  });
}

for (const slots of [3, 7]) {
  test(`no frame is torn in 100,000 that are chosen from ${slots} slots, or put back`, async () => {
    const race: Race = { writer: "live", slots, take: "chosen" };
    const { missing: _, gone, ...result } = await run(race);
    assertEquals(result, { ...CLEAN, backwards: 0 });
    // The writer was faster now and then: what was looked at was not there any more.
    assertGreater(gone, 0);
  });
}

for (const slots of [2, 4]) {
  test(`100,000 frames come through ${slots} slots in order to the last, none torn`, async () => {
    const result = await run({ writer: "lossless", slots, take: "oldest" });
    assertEquals(result, { ...CLEAN, backwards: 0, missing: 0, gone: 0 });
  });
}

test("the race notices a reader that gives a slot back before it has read it", async () => {
  const race: Race = { writer: "live", slots: 2, take: "newest", releaseFirst: true };
  assertGreater((await run(race)).torn, 0);
});

for (const take of ["newest", "chosen"] as const) {
  test(`the race notices a slot that is published before it is written: ${take}`, async () => {
    const race: Race = { writer: "publish-first", slots: 2, take };
    assertGreater((await run(race)).torn, 0);
  });
}

test("the race notices frames that are lost where none may be", async () => {
  const race: Race = { writer: "live", slots: 4, take: "oldest" };
  assertGreater((await run(race)).missing, 0);
});
