/** Cells that C frees at the end of a thread. */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { END_MARK_BYTES, EndMark } from "../../ffi/backend/thread_end.ts";
import { loadHeap, openLibav } from "../../ffi/mod.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { until } from "../support/waiting.ts";

const libav = openLibav();

test("a cell has what was put in, and is used again by the same function only", () => {
  const frame = libav.symbols.av_frame_alloc();
  assert(frame);
  const cell = libav.ownedCell("av_frame_free", frame);
  const { backend } = libav;
  assertEquals(backend.addressOf(cell.value), backend.addressOf(frame));
  libav.symbols.av_frame_free(cell.buffer);
  assertEquals(cell.value, null);
  cell.release();
  const other = libav.ownedCell("av_packet_free", null);
  assert(other !== cell);
  assertStrictEquals(libav.ownedCell("av_frame_free", null), cell);
  other.release();
  cell.release();
});

test("a hundred cells have a place each", () => {
  const cells = Array.from({ length: 100 }, () => libav.ownedCell("av_packet_free", null));
  const { backend } = libav;
  const places = new Set(cells.map(({ buffer }) => backend.addressOf(backend.pointerOf(buffer))));
  assertEquals(places.size, 100);
  for (const cell of cells) assertEquals(cell.value, null);
  for (const cell of cells) cell.release();
});

for (const way of ["closes itself", "is terminated"]) {
  test(`a thread that ${way} leaves a mark when it has ended, and not before`, async () => {
    const { backend } = libav;
    const pointer = loadHeap().allocate(END_MARK_BYTES);
    const mark = new EndMark(new Uint8Array(backend.bufferAt(pointer, END_MARK_BYTES)));
    assertEquals([mark.promised, mark.made], [false, false]);
    const { promise: marked, resolve, reject } = Promise.withResolvers<unknown>();
    const module = new URL("marking_worker.ts", import.meta.url);
    const worker = runtime.spawnWorker(module, { onMessage: resolve, onError: reject });
    worker.post(backend.addressOf(pointer));
    assertEquals(await marked, "marked");
    assertEquals([mark.promised, mark.made], [true, false]);
    if (way === "is terminated") worker.terminate();
    else worker.post("close");
    await until("a mark", () => mark.made);
  });
}
