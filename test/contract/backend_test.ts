/**
 * The contract of `FfiBackend`, run against the backend of the runtime that
 * the tests run in: both must give the same answers.
 */

import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { AVERROR } from "../../ffi/averror.ts";
import {
  cString,
  nativeBytes,
  NativeMemory,
  packRational,
  PointerCell,
  unpackRational,
} from "../../ffi/backend/memory.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { fn, type NativeBuffer, type Pointer } from "../../ffi/backend/types.ts";
import { loadLibc, loadRelease } from "../../ffi/load/mod.ts";
import { openLibav } from "../../ffi/mod.ts";
import { runChild, scriptPath } from "./child.ts";
import type { WriteOrder } from "./write_worker.ts";

const backend = loadBackend();
const loadedLibc = loadLibc(backend);
const { symbols: av, paths } = loadRelease(backend);
const memory = new NativeMemory(backend, loadedLibc.symbols);

/** More of libc than the package needs: its answers are known. */
const c = backend.open(loadedLibc.path, {
  // int abs(int j);
  abs: fn("i32", "i32"),
  // int atoi(const char *nptr);
  atoi: fn("i32", "buffer"),
  // long long llabs(long long j);
  llabs: fn("i64", "i64"),
  // long long strtoll(const char *nptr, char **endptr, int base);
  strtoll: fn("i64", "buffer", "buffer", "i32"),
  // unsigned long long strtoull(const char *nptr, char **endptr, int base);
  strtoull: fn("u64", "buffer", "buffer", "i32"),
  // double strtod(const char *nptr, char **endptr);
  strtod: fn("f64", "buffer", "buffer"),
  // double ldexp(double x, int exp);
  ldexp: fn("f64", "f64", "i32"),
  // void *memset(void *s, int c, size_t n);
  memset: fn("pointer", "pointer", "i32", "usize"),
}).symbols;

const bits = backend.open(loadedLibc.path, {
  // llabs again: the same registers, read as an unsigned number.
  llabs: fn("u64", "u64"),
}).symbols;

const borrowed = backend.open(loadedLibc.path, {
  // void *memcpy(void *dest, const void *src, size_t n);
  memcpy: fn("pointer", "buffer", "buffer", "usize"),
}).symbols;

const util = backend.open(paths.avutil, {
  // crc.h: const AVCRC *av_crc_get_table(AVCRCId crc_id);
  av_crc_get_table: fn("pointer", "i32"),
  // crc.h: uint32_t av_crc(const AVCRC *ctx, uint32_t crc, const uint8_t *buffer, size_t length);
  av_crc: fn("u32", "pointer", "u32", "buffer", "usize"),
  // mathematics.h: int64_t av_rescale(int64_t a, int64_t b, int64_t c);
  av_rescale: fn("i64", "i64", "i64", "i64"),
  // mem.h: void av_free(void *ptr);
  av_free: fn("void", "pointer"),
  // opt.h: int av_opt_get(void *obj, const char *name, int search_flags, uint8_t **out_val);
  av_opt_get: fn("i32", "pointer", "buffer", "i32", "buffer"),
  // rational.h: AVRational av_mul_q(AVRational b, AVRational c);
  av_mul_q: fn("rational", "rational", "rational"),
}).symbols;

const PAST_DOUBLE = 2n ** 53n + 1n;

function nonNull(pointer: Pointer | null): Pointer {
  assert(pointer !== null, "a pointer is NULL");
  return pointer;
}

/** Runs `use` with a fresh AVCodecContext. */
function withCodecContext(use: (context: Pointer) => void): void {
  const cell = new PointerCell(backend, av.avcodec_alloc_context3(null));
  try {
    use(nonNull(cell.value));
  } finally {
    av.avcodec_free_context(cell.buffer);
  }
}

/** Runs `use` with an empty AVDictionary's cell. */
function withDictionary(use: (cell: PointerCell) => void): void {
  const cell = new PointerCell(backend);
  try {
    use(cell);
  } finally {
    av.av_dict_free(cell.buffer);
  }
}

function messageOf(action: () => unknown): string {
  const error = assertThrows(action);
  assertInstanceOf(error, Error);
  return error.message;
}

test("the backend is the one of the running runtime and names the platform", () => {
  assertEquals(backend.runtime, process.versions.bun === undefined ? "deno" : "bun");
  const words = { linux: "linux", darwin: "darwin", win32: "windows", freebsd: "freebsd" };
  assertEquals(
    backend.platform.os,
    Object.entries(words).find(([k]) => k === process.platform)?.[1],
  );
  assertNotEquals(backend.platform.arch, "");
});

test("the backend is loaded once", () => {
  assert(loadBackend() === backend);
});

test("env gives a variable that is set and undefined for one that is not", () => {
  assertEquals(backend.env("PATH"), process.env.PATH);
  assertEquals(backend.env("RTSP_STREAM_NO_SUCH_VARIABLE"), undefined);
});

test("a negative i32 goes in and comes out negative", () => {
  assertEquals(c.abs(-2147483647), 2147483647);
  assertEquals(c.atoi(cString("-2147483648")), -2147483648);
  assertEquals(c.atoi(cString("-22")), -22);
});

test("an unknown option gives the negative number that AVERROR names", () => {
  withCodecContext((context) => {
    const result = av.av_opt_set(context, cString("no_such_option"), cString("1"), 0);
    assertEquals(result, AVERROR.OPTION_NOT_FOUND);
    assert(result < 0);
  });
});

test("av_strerror takes a negative number and says what it means", () => {
  const text = nativeBytes(128);
  assertEquals(av.av_strerror(AVERROR.OPTION_NOT_FOUND, text, 128n), 0);
  assertEquals(backend.readString(backend.pointerOf(text)), "Option not found");
});

test("a u32 above 2^31 goes in and comes out unsigned", () => {
  const table = util.av_crc_get_table(3);
  // Of no bytes the checksum is the one before.
  assertEquals(util.av_crc(table, 0xfedcba98, nativeBytes(1), 0n), 0xfedcba98);
  assertEquals(util.av_crc(table, 0xffffffff, nativeBytes(1), 0n), 0xffffffff);
});

test("an i64 beyond 2^53 goes in and comes out exact, positive and negative", () => {
  assertEquals(c.llabs(-PAST_DOUBLE), PAST_DOUBLE);
  assertEquals(util.av_rescale(-PAST_DOUBLE, 1n, 1n), -PAST_DOUBLE);
  assertEquals(util.av_rescale(2n ** 63n - 1n, 1n, 1n), 2n ** 63n - 1n);
  assertEquals(c.strtoll(cString("-9223372036854775808"), null, 10), -(2n ** 63n));
  assertEquals(c.strtoll(cString("-1"), null, 10), -1n);
});

test("an i64 option keeps a value beyond 2^32, which FFmpeg 4.3 has as a double", () => {
  withCodecContext((context) => {
    const bitRate = cString("b");
    const out = nativeBytes(8);
    for (const value of [2n ** 52n + 1n, 5n]) {
      assertEquals(av.av_opt_set_int(context, bitRate, value, 0), 0);
      assertEquals(av.av_opt_get_int(context, bitRate, 0, out), 0);
      assertEquals(new DataView(out.buffer).getBigInt64(0, true), value);
    }
  });
});

test("a u64 above 2^63 goes in and comes out unsigned", () => {
  assertEquals(c.strtoull(cString("18446744073709551615"), null, 10), 2n ** 64n - 1n);
  assertEquals(bits.llabs(2n ** 64n - 7n), 7n);
  assertEquals(bits.llabs(2n ** 62n + 1n), 2n ** 62n + 1n);
});

test("a usize is a bigint", () => {
  const text = cString("päß");
  assertEquals(loadedLibc.symbols.strlen(backend.pointerOf(text)), 5n);
});

test("an f64 goes in and comes out with all its bits", () => {
  assertEquals(c.strtod(cString("-1.7976931348623157e308"), null), -Number.MAX_VALUE);
  assertEquals(c.strtod(cString("5e-324"), null), Number.MIN_VALUE);
  assertEquals(c.strtod(cString("nan"), null), NaN);
  assertEquals(c.ldexp(0.1, 10), 102.4);
  assertEquals(c.ldexp(-Infinity, -1), -Infinity);
  assert(Object.is(c.ldexp(-0, 3), -0));
});

test("a NULL result is null", () => {
  assertEquals(av.avcodec_find_decoder_by_name(cString("no_such_decoder")), null);
  assertEquals(av.av_find_input_format(cString("no_such_demuxer")), null);
});

test("null is NULL as a pointer parameter and as a buffer parameter", () => {
  assertEquals(av.av_dict_get(null, cString("key"), null, 0), null);
  assertEquals(av.avcodec_find_decoder_by_name(null), null);
  withDictionary((cell) => {
    av.av_dict_set(cell.buffer, cString("key"), cString("value"), 0);
    assertNotEquals(cell.value, null);
    // A NULL value deletes the entry, and with the last one the dictionary.
    av.av_dict_set(cell.buffer, cString("key"), null, 0);
    assertEquals(av.av_dict_get(cell.value, cString("key"), null, 0), null);
  });
});

test("NULL is address 0 in both directions", () => {
  assertEquals(backend.addressOf(null), 0n);
  assertEquals(backend.fromAddress(0n), null);
  assertEquals(new PointerCell(backend).value, null);
  assertEquals(backend.readPointer(backend.pointerOf(nativeBytes(8)), 0), null);
});

test("a pointer survives the way through a bigint address", () => {
  const frame = nonNull(av.av_frame_alloc());
  const address = backend.addressOf(frame);
  assertEquals(typeof address, "bigint");
  assertGreater(address, 4096n);
  const same = nonNull(backend.fromAddress(address));
  assertEquals(backend.addressOf(same), address);
  // libav frees what came back, and clears the cell.
  const cell = new PointerCell(backend, same);
  av.av_frame_free(cell.buffer);
  assertEquals(cell.value, null);
});

test("a native call writes a pointer that a PointerCell gives back", () => {
  const text = cString("42 rest");
  const end = new PointerCell(backend);
  assertEquals(c.strtoll(text, end.buffer, 10), 42n);
  assertEquals(backend.addressOf(end.value), backend.addressOf(backend.pointerOf(text)) + 2n);
  assertEquals(backend.readString(nonNull(end.value)), " rest");
});

test("a missing symbol is an Error that names it", () => {
  const open = () => backend.open(paths.avutil, { av_no_such_function: fn("i32") });
  assertStringIncludes(messageOf(open), "av_no_such_function");
});

test("one missing symbol among good ones is the one that is named", () => {
  const table = { av_version_info: fn("pointer"), av_missing_one: fn("i32") };
  const message = messageOf(() => backend.open(paths.avutil, table));
  assertStringIncludes(message, "av_missing_one");
});

test("a missing library is an Error that names its path", () => {
  const path = "/no/such/directory/libavutil.so.57";
  assertStringIncludes(messageOf(() => backend.open(path, { abs: fn("i32", "i32") })), path);
});

test("the address of a missing symbol is an Error that names it", () => {
  const look = () => backend.symbolAddress(loadedLibc.path, "no_such_symbol");
  assertStringIncludes(messageOf(look), "no_such_symbol");
});

test("the address of strlen is that of code", () => {
  const strlen = backend.symbolAddress(loadedLibc.path, "strlen");
  assertEquals(
    backend.addressOf(strlen),
    backend.addressOf(backend.symbolAddress(loadedLibc.path, "strlen")),
  );
  assertGreater(backend.addressOf(strlen), 4096n);
  const code = Array.from({ length: 8 }, (_, i) => backend.readU8(strlen, i));
  assert(code.some((byte) => byte !== 0), "all bytes of the function are 0");
  assertNotEquals(
    backend.addressOf(strlen),
    backend.addressOf(backend.symbolAddress(loadedLibc.path, "memcpy")),
  );
});

test("reads at an offset give what JavaScript wrote there, in all widths", () => {
  const bytes = nativeBytes(40);
  const view = new DataView(bytes.buffer);
  view.setInt32(4, -123456, true);
  view.setUint32(8, 0xfedcba98, true);
  view.setBigInt64(16, -PAST_DOUBLE, true);
  view.setBigUint64(24, backend.addressOf(backend.pointerOf(bytes)), true);
  view.setUint8(33, 0xfe);
  const at = backend.pointerOf(bytes);
  assertEquals(backend.readI32(at, 4), -123456);
  assertEquals(backend.readI32(at, 8), 0xfedcba98 | 0);
  assertEquals(backend.readU32(at, 8), 0xfedcba98);
  assertEquals(backend.readI64(at, 16), -PAST_DOUBLE);
  assertEquals(backend.addressOf(backend.readPointer(at, 24)), backend.addressOf(at));
  assertEquals(backend.readU8(at, 33), 0xfe);
});

test("offset moves a pointer by bytes, forward and back", () => {
  const bytes = nativeBytes(64);
  bytes.set([10, 11, 12, 13], 32);
  const at = backend.pointerOf(bytes);
  const moved = backend.offset(at, 33);
  assertEquals(backend.addressOf(moved) - backend.addressOf(at), 33n);
  assertEquals(backend.readU8(moved, 0), 11);
  assertEquals(backend.readU8(moved, 2), 13);
  assertEquals(backend.addressOf(backend.offset(moved, -33)), backend.addressOf(at));
  assertEquals(backend.addressOf(backend.offset(at, 0)), backend.addressOf(at));
});

test("pointerOf refuses empty memory, which has no address", () => {
  assertThrows(() => backend.pointerOf(nativeBytes(0)), RangeError);
});

const WHOLE: readonly (readonly [string, () => NativeBuffer])[] = [
  ["an ArrayBuffer", () => new Uint8Array(new ArrayBuffer(64))],
  ["a SharedArrayBuffer", () => new Uint8Array(new SharedArrayBuffer(64))],
];

for (const [what, make] of WHOLE) {
  test(`pointerOf a view into ${what} counts its byteOffset`, () => {
    const whole = make();
    const part = whole.subarray(24, 32);
    const distance = backend.addressOf(backend.pointerOf(part)) -
      backend.addressOf(backend.pointerOf(whole));
    assertEquals(distance, 24n);
  });

  test(`a native write through the address of a view into ${what} lands in the view only`, () => {
    const whole = make();
    whole.fill(0xaa);
    const part = whole.subarray(24, 32);
    c.memset(backend.pointerOf(part), 7, BigInt(part.byteLength));
    const expected = new Uint8Array(64).fill(0xaa);
    expected.fill(7, 24, 32);
    assertEquals(Array.from(whole), Array.from(expected));
  });

  test(`a view into ${what} lent as a buffer is written and read at its byteOffset`, () => {
    const target = make();
    const source = make();
    source.set([1, 2, 3, 4], 8);
    borrowed.memcpy(target.subarray(40), source.subarray(8), 4n);
    const expected = new Uint8Array(64);
    expected.set([1, 2, 3, 4], 40);
    assertEquals(Array.from(target), Array.from(expected));
  });
}

test("what JavaScript writes after pointerOf is seen by native code", () => {
  const bytes = nativeBytes(16);
  const at = backend.pointerOf(bytes);
  assertEquals(loadedLibc.symbols.strlen(at), 0n);
  bytes.fill(65, 0, 9);
  assertEquals(loadedLibc.symbols.strlen(at), 9n);
});

for (const size of [4, 8]) {
  test(`a native write into a small array of ${size} bytes is always seen`, () => {
    // Enough turns for the compilers of both runtimes to take the loop over.
    let byAddress = 0;
    let byLoan = 0;
    const source = new Uint8Array(size).fill(9);
    for (let i = 0; i < 60_000; i++) {
      const out = new Uint8Array(size);
      c.memset(backend.pointerOf(out), 7, BigInt(size));
      if (out[size - 1] !== 7) byAddress++;
      borrowed.memcpy(out, source, BigInt(size));
      if (out[size - 1] !== 9) byLoan++;
    }
    assertEquals({ byAddress, byLoan }, { byAddress: 0, byLoan: 0 });
  });
}

test("an address stays right when the array's buffer is touched after it was taken", () => {
  for (const size of [1, 4, 8, 64, 1000]) {
    const out = new Uint8Array(size);
    const at = backend.pointerOf(out);
    const whole = new Uint8Array(out.buffer);
    c.memset(at, 7, BigInt(size));
    assertEquals([out[0], whole[size - 1]], [7, 7], `${size} bytes`);
    assertEquals(backend.addressOf(backend.pointerOf(whole)), backend.addressOf(at));
  }
});

interface GcReport {
  collected: boolean;
  moved: string[];
  lost: string[];
  checked: number;
}

test("addresses stay put and written bytes arrive under forced garbage collection", async () => {
  const flags = backend.runtime === "deno" ? ["--v8-flags=--expose-gc"] : [];
  const result = await runChild(scriptPath("gc_child.ts", import.meta.url), [], { flags });
  assertEquals(result.code, 0, result.stderr);
  const report: GcReport = JSON.parse(result.stdout);
  assertEquals(report.collected, true, "the collector could not be forced");
  assertEquals(report.moved, []);
  assertEquals(report.lost, []);
  assertGreater(report.checked, 1000);
});

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
    assertEquals(unpackRational(packRational(num, den)), { num, den });
    assertGreater(packRational(num, den), -1n);
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

/** Lets another thread write through an address of ours; its word when it is done. */
async function writtenByWorker(order: WriteOrder): Promise<unknown> {
  const worker = new Worker(new URL("./write_worker.ts", import.meta.url));
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.postMessage(order);
    });
  } finally {
    await worker.terminate();
  }
}

for (const [what, make] of WHOLE) {
  test(`another thread's native write into ${what} by its address is seen`, async () => {
    const whole = make();
    const address = backend.addressOf(backend.pointerOf(whole.subarray(8)));
    assertEquals(await writtenByWorker({ address, bytes: [5, 6, 7, 8] }), "written");
    assertEquals(Array.from(whole.subarray(6, 14)), [0, 0, 5, 6, 7, 8, 0, 0]);
  });
}

test("the address of a symbol comes from the library that was named", () => {
  const { path } = loadedLibc;
  const util = openLibav().paths.avutil;
  assertGreater(backend.addressOf(backend.symbolAddress(util, "av_strerror")), 4096n);
  assertThrows(() => backend.symbolAddress(path, "av_strerror"), Error, "av_strerror");
  assertThrows(() => backend.symbolAddress("/nonexistent/libx.so", "strlen"), Error);
});
