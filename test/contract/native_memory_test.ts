/** `NativeMemory`: strings, rationals and the fields of foreign structs. */

import { assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import {
  cString,
  nativeBytes,
  NativeMemory,
  packRational,
  PointerCell,
  unpackRational,
} from "../../ffi/backend/memory.ts";
import {
  av,
  backend,
  loadedLibc,
  nonNull,
  PAST_DOUBLE,
  util,
  withCodecContext,
  withDictionary,
} from "./loaded_libraries.ts";

const memory = new NativeMemory(backend, loadedLibc.symbols);

const TEXTS = ["päß 日本 😀", "", "plain", "a".repeat(5000), "Å\u0301\u200d👩‍🚀"];

test("strings of any script go into a dictionary and come back", () => {
  withDictionary((cell) => {
    for (const text of TEXTS) {
      const key = `schlüssel ${text}`;
      assertEquals(av.av_dict_set(cell.buffer, cString(key), cString(text), 0) >= 0, true);
      const entry = nonNull(av.av_dict_get(cell.value, cString(key), null, 0));
      assertEquals(backend.readString(nonNull(backend.readPointer(entry, 0))), key);
      assertEquals(backend.readString(nonNull(backend.readPointer(entry, 8))), text);
    }
  });
});

test("a string that is not UTF-8 is read with replacement characters", () => {
  const bytes = nativeBytes(4);
  bytes.set([0x70, 0xe4, 0x71]);
  assertEquals(backend.readString(backend.pointerOf(bytes)), "p\ufffdq");
});

test("readString of NULL is undefined", () => {
  assertEquals(memory.readString(null), undefined);
});

test("a rational is packed and unpacked with its signs", () => {
  for (const [num, den] of [[30000, 1001], [-1, 2], [1, -2], [0, 1], [2147483647, -2147483648]]) {
    assertEquals(unpackRational(packRational(num!, den!)), { num, den });
    assertGreater(packRational(num!, den!), -1n);
  }
});

test("a rational goes in by value", () => {
  withCodecContext((context) => {
    const name = cString("time_base");
    assertEquals(av.av_opt_set_q(context, name, packRational(1001, 30000), 0), 0);
    const out = new PointerCell(backend);
    assertEquals(util.av_opt_get(context, name, 0, out.buffer), 0);
    assertEquals(backend.readString(nonNull(out.value)), "1001/30000");
    util.av_free(out.value);
  });
});

test("a rational comes out by value", () => {
  const product = util.av_mul_q(packRational(-3, 5), packRational(7, 11));
  assertEquals(unpackRational(product), { num: -21, den: 55 });
});

test("NativeMemory writes every kind of field where it reads it, and nothing beside", () => {
  const bytes = nativeBytes(64);
  bytes.fill(0xaa);
  const at = backend.pointerOf(bytes);
  memory.writeI32(at, 4, -5);
  memory.writeI64(at, 16, -PAST_DOUBLE);
  memory.writePointer(at, 32, at);
  memory.writeRational(at, 48, -30000, 1001);
  assertEquals(memory.readI32(at, 4), -5);
  assertEquals(memory.readI64(at, 16), -PAST_DOUBLE);
  assertEquals(backend.addressOf(memory.readPointer(at, 32)), backend.addressOf(at));
  assertEquals(memory.readRational(at, 48), { num: -30000, den: 1001 });
  const gaps = [[0, 4], [8, 16], [24, 32], [40, 48], [56, 64]];
  const beside = gaps.flatMap(([begin, end]) => Array.from(bytes.subarray(begin, end)));
  assertEquals(beside, Array.from(beside, () => 0xaa));
  memory.writePointer(at, 32, null);
  assertEquals(memory.readPointer(at, 32), null);
});

test("copyOut gives memory of our own, copy fills foreign memory", () => {
  const bytes = nativeBytes(16);
  const at = backend.pointerOf(bytes);
  const source = nativeBytes(3);
  source.set([1, 2, 3]);
  memory.copy(backend.offset(at, 4), backend.pointerOf(source), 3n);
  assertEquals(Array.from(bytes.subarray(3, 8)), [0, 1, 2, 3, 0]);
  const copy = memory.copyOut(backend.offset(at, 4), 3);
  bytes.fill(9);
  assertEquals(Array.from(copy), [1, 2, 3]);
  memory.copy(at, backend.pointerOf(source), 0n);
  assertEquals(memory.copyOut(at, 0).byteLength, 0);
  assertEquals(bytes[0], 9);
});
