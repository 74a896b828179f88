/** Cells that C frees at the end of a thread. */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { openLibav } from "../../ffi/mod.ts";

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
