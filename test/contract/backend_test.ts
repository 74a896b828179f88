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
import { mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { AVERROR } from "../../ffi/averror.ts";
import { cString, nativeBytes, PointerCell } from "../../ffi/backend/memory.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { fn } from "../../ffi/backend/types.ts";
import { findFile, linkTarget } from "../../ffi/load/file_kind.ts";
import { openLibav } from "../../ffi/mod.ts";
import { running } from "../support/runtimes.ts";
import {
  av,
  backend,
  c,
  loadedLibc,
  nonNull,
  PAST_DOUBLE,
  paths,
  util,
  withCodecContext,
  withDictionary,
} from "./loaded_libraries.ts";

const bits = backend.open(loadedLibc.path, {
  // llabs again: the same registers, read as an unsigned number.
  llabs: fn("u64", "u64"),
}).symbols;

function messageOf(action: () => unknown): string {
  const error = assertThrows(action);
  assertInstanceOf(error, Error);
  return error.message;
}

test("the backend is the one of the running runtime and names the platform", () => {
  assertEquals(backend.runtime, running);
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

test("the places of files: where links lead, and the names in a directory", async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "rtsp-stream-places-")));
  try {
    await writeFile(join(directory, "file"), "text");
    await symlink("file", join(directory, "link"));
    await symlink("gone", join(directory, "broken"));
    assertEquals(backend.realPath(join(directory, "link")), join(directory, "file"));
    assertEquals(backend.realPath(join(directory, "broken")), undefined);
    assertEquals([...backend.fileNames(directory)].sort(), ["broken", "file", "link"]);
    assertEquals(backend.fileNames(join(directory, "gone")), []);
    assertEquals(backend.fileText(join(directory, "link")), "text");
    assertEquals(linkTarget(backend, join(directory, "broken")), "gone");
    assertEquals(linkTarget(backend, join(directory, "file")), undefined);
    const [file, link, other] = ["file", "link", "."].map((name) =>
      findFile(backend, join(directory, name))
    );
    assertEquals(file, link);
    assertNotEquals(file?.identity, other?.identity);
  } finally {
    await rm(directory, { recursive: true });
  }
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

test("the address of a symbol comes from the library that was named", () => {
  const { path } = loadedLibc;
  const util = openLibav().paths.avutil;
  assertGreater(backend.addressOf(backend.symbolAddress(util, "av_strerror")), 4096n);
  assertThrows(() => backend.symbolAddress(path, "av_strerror"), Error, "av_strerror");
  assertThrows(() => backend.symbolAddress("/nonexistent/libx.so", "strlen"), Error);
});
