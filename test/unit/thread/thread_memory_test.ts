/** The memory of a thread is freed once, when the thread has ended. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadBackend } from "../../../ffi/backend/mod.ts";
import { END_MARK_BYTES } from "../../../ffi/backend/thread_end.ts";
import { STOP_BYTES } from "../../../src/core/shared/control_block.ts";
import { ThreadMemory } from "../../../src/thread/thread_memory.ts";
import { until } from "../../support/waiting.ts";

/** What the thread and C write there. */
function markOf({ address }: ThreadMemory): Uint8Array {
  const backend = loadBackend();
  const pointer = backend.fromAddress(address + BigInt(STOP_BYTES))!;
  return new Uint8Array(backend.bufferAt(pointer, END_MARK_BYTES));
}

test("memory is left until the thread has ended, and is freed once", async () => {
  const memory = new ThreadMemory();
  const mark = markOf(memory);
  mark[0] = 1;
  const ends: string[] = [];
  memory.leave(false, () => ends.push("left"));
  // The last word of a thread that was left behind.
  memory.leave(true, () => ends.push("again"));
  await sleep(100);
  assertEquals(ends, []);
  mark.fill(255, 8, 16);
  await until("an end", () => ends.length > 0);
  await sleep(100);
  assertEquals(ends, ["left"]);
});

test("where no end is promised, memory is freed with the last word, or never", async () => {
  const ends: string[] = [];
  new ThreadMemory().leave(true, () => ends.push("over"));
  new ThreadMemory().leave(false, () => ends.push("left behind"));
  await sleep(100);
  assertEquals(ends, ["over"]);
});
