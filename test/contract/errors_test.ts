/** libav's error numbers against the live library and the system's errno. */

import { assert, assertEquals, assertInstanceOf, assertNotMatch } from "@std/assert";
import { constants } from "node:os";
import { test } from "node:test";
import { AVERROR, averror, averrorName, type ErrnoName } from "../../ffi/averror.ts";
import { LibavError } from "../../ffi/backend/errors.ts";
import { cString, nativeBytes, openLibav, type Platform } from "../../ffi/mod.ts";

const libav = openLibav();
const { os } = libav.backend.platform;

/** Every name, by the type: one that is missing here does not compile. */
const ERRNO_NAMES: Record<ErrnoName, true> = {
  ENOENT: true,
  EIO: true,
  EAGAIN: true,
  ENOMEM: true,
  EACCES: true,
  EEXIST: true,
  EISDIR: true,
  EINVAL: true,
  EMFILE: true,
  ENOSPC: true,
  EROFS: true,
  EPIPE: true,
  ERANGE: true,
  ENODEV: true,
  ENOTDIR: true,
  ELOOP: true,
  ENAMETOOLONG: true,
  EADDRINUSE: true,
  EADDRNOTAVAIL: true,
  ENETDOWN: true,
  ENOSYS: true,
  EPROTONOSUPPORT: true,
  ENETUNREACH: true,
  ECONNRESET: true,
  ETIMEDOUT: true,
  ECONNREFUSED: true,
  EHOSTUNREACH: true,
};
const NAMES = Object.keys(ERRNO_NAMES) as ErrnoName[];
const SYSTEMS: readonly Platform["os"][] = ["linux", "darwin", "windows", "freebsd", "other"];

function textOf(code: number): { known: boolean; text: string } {
  const buffer = nativeBytes(128);
  const known = libav.symbols.av_strerror(code, buffer, 128n) === 0;
  return { known, text: libav.backend.readString(libav.backend.pointerOf(buffer)) };
}

/** What libav says, in a word or two that only the right tag gives. */
const SAYS: Readonly<Record<keyof typeof AVERROR, string>> = {
  EOF: "End of file",
  EXIT: "Immediate exit requested",
  INVALIDDATA: "Invalid data found when processing input",
  BSF_NOT_FOUND: "Bitstream filter not found",
  DECODER_NOT_FOUND: "Decoder not found",
  DEMUXER_NOT_FOUND: "Demuxer not found",
  ENCODER_NOT_FOUND: "Encoder not found",
  MUXER_NOT_FOUND: "Muxer not found",
  OPTION_NOT_FOUND: "Option not found",
  PROTOCOL_NOT_FOUND: "Protocol not found",
  STREAM_NOT_FOUND: "Stream not found",
  EXTERNAL: "Generic error in an external library",
  BUG: "Internal bug, should not have happened",
  PATCHWELCOME: "Not yet implemented in FFmpeg, patches welcome",
  UNKNOWN: "Unknown error occurred",
  HTTP_BAD_REQUEST: "Server returned 400 Bad Request",
  HTTP_UNAUTHORIZED: "Server returned 401 Unauthorized (authorization failed)",
  HTTP_FORBIDDEN: "Server returned 403 Forbidden (access denied)",
  HTTP_NOT_FOUND: "Server returned 404 Not Found",
  HTTP_OTHER_4XX: "Server returned 4XX Client Error, but not one of 40{0,1,3,4}",
  HTTP_SERVER_ERROR: "Server returned 5XX Server Error reply",
};

for (const [name, code] of Object.entries(AVERROR)) {
  test(`libav knows AVERROR_${name} and says what it means`, () => {
    const { known, text } = textOf(code);
    assert(known, `av_strerror does not know ${code}`);
    assertNotMatch(text, /^Error number -?\d+ occurred$/);
    // Releases reword the tail of the list of HTTP codes.
    const start = (said: string) => said.split(", but")[0];
    assertEquals(start(text), start(SAYS[name as keyof typeof AVERROR]));
  });
}

test("a number that libav does not know gives the generic text", () => {
  const { known, text } = textOf(-0x12345678);
  assertEquals(known, false);
  assertEquals(text, `Error number ${-0x12345678} occurred`);
});

test("all tagged errors are negative and differ", () => {
  const codes = Object.values(AVERROR);
  assert(codes.every((code) => Number.isInteger(code) && code < -1000));
  assertEquals(new Set(codes).size, codes.length);
});

test("averrorName gives the name of every tagged error, on every system", () => {
  for (const system of SYSTEMS) {
    for (const [name, code] of Object.entries(AVERROR)) {
      assertEquals(averrorName(code, system), name);
    }
  }
});

test("averror and averrorName are inverse for every errno name, on every system", () => {
  for (const system of SYSTEMS) {
    for (const name of NAMES) {
      assert(averror(name, system) < 0);
      assertEquals(averrorName(averror(name, system), system), name, system);
    }
  }
});

test("a code without a name has none", () => {
  for (const code of [0, 1, -999, -0x12345678]) assertEquals(averrorName(code, os), undefined);
});

test("a positive errno number is not an error code", () => {
  assertEquals(averrorName(-averror("ENOENT", os), os), undefined);
});

for (const name of NAMES) {
  test(`${name} has the number that this system gives it`, () => {
    assertEquals(averror(name, os), -constants.errno[name]);
  });
}

test("the C library has a text for every errno, and no two are the same", () => {
  const texts = NAMES.map((name) => textOf(averror(name, os)));
  assertEquals(texts.filter(({ known }) => !known), []);
  assertEquals(new Set(texts.map(({ text }) => text)).size, NAMES.length);
});

test("opening a file that is not there gives ENOENT as it is named", () => {
  const { symbols } = libav;
  const cell = nativeBytes(8);
  const code = symbols.avformat_open_input(cell, cString("/no/such/file.mp4"), null, null);
  assertEquals(averrorName(code, os), "ENOENT");
});

test("a LibavError carries its code, its message and the files that were tried", () => {
  const attempts = [{ path: "/a", reason: "b" }];
  const error = new LibavError("LIBAV_NOT_FOUND", "nothing there", attempts);
  assertInstanceOf(error, Error);
  assertEquals(error.name, "LibavError");
  assertEquals(error.code, "LIBAV_NOT_FOUND");
  assertEquals(error.message, "nothing there");
  assertEquals(error.attempts, attempts);
  assertEquals(new LibavError("LIBAV_UNSUPPORTED", "no").attempts, []);
});
