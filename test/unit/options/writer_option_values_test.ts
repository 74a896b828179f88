/** The values that a writer's options may have, and what is said of others. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { resolveWriterOptions } from "../../../src/core/options/writer_options.ts";
import { resolveAt, SERVER } from "./writer_options_at.ts";

const { MAX_SAFE_INTEGER } = Number;
const MAX_TIME = 2_147_483_647;

function thrownAt(path: string, value: unknown): unknown {
  try {
    resolveAt(path, value);
  } catch (error) {
    return error;
  }
  return undefined;
}

const TLS = ["tls.caFile", "tls.certFile", "tls.keyFile", "tls.serverName"];
const TEXT = ["name", "encoder", "preset", "tune", "pixelFormat", ...TLS];
const TIMES = ["openTimeout", "writeTimeout"];
const FORMAT_NAMES = '"rgb24", "bgr24", "rgba", "bgra", "gray8", "yuv420p", "nv12"';

/** Option, what is wrong, how it is shown, what is said to be allowed. */
type Row = readonly [path: string, value: unknown, shown: string, allowed: string];

const WRONG_TYPE: readonly Row[] = [
  ...TEXT.map((name): Row => [name, 5, "5", "a string"]),
  ...TEXT.map((name): Row => [name, null, "null", "a string"]),
  ...[...TIMES, "closeTimeout", "reconnect.delay", "reconnect.maxDelay"].map((name): Row => [
    name,
    "1000",
    '"1000"',
    "a number of milliseconds",
  ]),
  ...["width", "height"].map((name): Row => [name, "640", '"640"', "a whole number of pixels"]),
  ...["pace", "overwrite", "fragmented"].flatMap((name): Row[] => [
    [name, 1, "1", "true or false"],
    [name, "yes", '"yes"', "true or false"],
    [name, null, "null", "true or false"],
  ]),
  ["username", 5, "number", "a string"],
  ["username", null, "object", "a string"],
  ["password", 5, "number", "a string"],
  ["fps", "30", '"30"', "a number of frames per second from 0.01 to 1000"],
  ["fps", null, "null", "a number of frames per second"],
  ["codec", 264, "264", '"h264", "hevc", "mpeg4", "mjpeg"'],
  ["bitrate", "2M", '"2M"', "a whole number of bits per second from 1000 to 1000000000"],
  ["gop", true, "true", "a whole number of frames from 1 to 1000000"],
  ["format", null, "null", FORMAT_NAMES],
  ["timestamps", 0, "0", '"wallclock", "frame", "constant"'],
  ["queue", 4, "4", "an object"],
  ["queue", null, "null", "an object"],
  ["queue", ["size"], "an array", "an object"],
  ["queue.size", "4", '"4"', "a whole number from 2 to 64"],
  ["queue.size", 4n, "4", "a whole number from 2 to 64"],
  ["queue.policy", false, "false", '"drop-oldest", "block"'],
  ["container", {}, "an object", '"mp4", "mov", "matroska", "flv", "mpegts", "avi"'],
  ["transport", 1, "1", '"tcp", "udp"'],
  ["reconnect", true, "true", "an object"],
  ["reconnect.backoff", "2", '"2"', "a number from 1 to"],
  ["reconnect.maxAttempts", "many", '"many"', "a whole number of attempts"],
  ["reconnect.jitter", false, "false", "from 0 to 1"],
  ["reconnect.retry", true, "true", "a function"],
  ["tls", "x", "a string", "an object"],
  ["tls.verify", 0, "0", "true or false"],
  ["ffmpeg", "x", "a string", "an object"],
  ["ffmpeg.format", "x", "a string", "an object of names and values"],
  ["ffmpeg.codec", [1], "an array", "an object of names and values"],
  ...["onConnect", "onDisconnect", "onReconnectFailure"].map((name): Row => [
    name,
    "f",
    '"f"',
    "a function",
  ]),
  // These do not show the value.
  ["signal", {}, "", "an AbortSignal"],
  ["logger", { debug() {}, info() {}, warn() {} }, "", "the functions debug, info, warn and error"],
];

const OUT_OF_RANGE: readonly Row[] = [
  ...TIMES.flatMap((name): Row[] => [
    [name, 0, "0", `from 1 to ${MAX_TIME}`],
    [name, MAX_TIME + 1, `${MAX_TIME + 1}`, `from 1 to ${MAX_TIME}`],
    [name, NaN, "NaN", `from 1 to ${MAX_TIME}`],
    [name, Infinity, "Infinity", `from 1 to ${MAX_TIME}`],
  ]),
  ...["closeTimeout", "reconnect.delay", "reconnect.maxDelay"].flatMap((name): Row[] => [
    [name, -1, "-1", `from 0 to ${MAX_TIME}`],
    [name, MAX_TIME + 1, `${MAX_TIME + 1}`, `from 0 to ${MAX_TIME}`],
  ]),
  ...["width", "height"].flatMap((name): Row[] => [
    [name, 1, "1", "from 2 to 16384"],
    [name, 16_385, "16385", "from 2 to 16384"],
    [name, 99.5, "99.5", "a whole number"],
  ]),
  ...[0, -30, 0.009, 1_000.1, NaN, Infinity].map((value): Row => [
    "fps",
    value,
    String(value),
    "a number of frames per second from 0.01 to 1000",
  ]),
  ...[999, 0, -1, 1_000.5, 1e9 + 1, NaN, Infinity].map((value): Row => [
    "bitrate",
    value,
    String(value),
    "a whole number of bits per second from 1000 to 1000000000",
  ]),
  ...[0, -1, 2.5, 1_000_001, NaN, Infinity].map((value): Row => [
    "gop",
    value,
    String(value),
    "a whole number of frames from 1 to 1000000",
  ]),
  ...[1, 0, -4, 65, 2.5, NaN].map((value): Row => [
    "queue.size",
    value,
    String(value),
    "a whole number from 2 to 64",
  ]),
  ["queue.policy", "drop", '"drop"', '"drop-oldest", "block"'],
  ["codec", "H264", '"H264"', '"h264", "hevc", "mpeg4", "mjpeg"'],
  ["codec", "constructor", '"constructor"', '"h264", "hevc", "mpeg4", "mjpeg"'],
  ["format", "rgb", '"rgb"', FORMAT_NAMES],
  ["timestamps", "pts", '"pts"', '"wallclock", "frame", "constant"'],
  ["container", "mkv", '"mkv"', '"mp4", "mov", "matroska", "flv", "mpegts", "avi"'],
  ["transport", "auto", '"auto"', '"tcp", "udp"'],
  ["reconnect.backoff", 0.99, "0.99", "from 1 to 1000"],
  ["reconnect.maxAttempts", -1, "-1", `from 0 to ${MAX_SAFE_INTEGER}`],
  ["reconnect.jitter", 1.01, "1.01", "from 0 to 1"],
];

function checkRow([path, value, shown, allowed]: Row, kind: typeof TypeError): void {
  const error = thrownAt(path, value);
  assertInstanceOf(error, kind, `${path} ${String(value)}: ${String(error)}`);
  assert(error.message.startsWith(`${path} must `), error.message);
  assertStringIncludes(error.message, allowed);
  if (shown) assert(error.message.endsWith(`got ${shown}`), error.message);
}

test("a value of the wrong type is a TypeError with option, value and what is allowed", () => {
  for (const row of WRONG_TYPE) checkRow(row, TypeError);
});

test("a value out of range is a RangeError with option, value and what is allowed", () => {
  for (const row of OUT_OF_RANGE) checkRow(row, RangeError);
});

test("every option has a row for the wrong type", () => {
  const { queue, reconnect, tls, ffmpeg, output: _, ...rest } = resolveWriterOptions(SERVER);
  const all = [...Object.keys(rest), "username", "password"];
  for (const [group, options] of Object.entries({ queue, reconnect, tls, ffmpeg })) {
    all.push(group, ...Object.keys(options).map((name) => `${group}.${name}`));
  }
  assertEquals([...new Set(WRONG_TYPE.map(([path]) => path))].sort(), all.sort());
});

test("the ends of a range are allowed", () => {
  const ends: readonly (readonly [string, number, number])[] = [
    ...TIMES.map((name) => [name, 1, MAX_TIME] as const),
    ["closeTimeout", 0, MAX_TIME],
    ["width", 2, 16_384],
    ["height", 2, 16_384],
    ["fps", 0.01, 1_000],
    ["bitrate", 1_000, 1e9],
    ["gop", 1, 1_000_000],
    ["queue.size", 2, 64],
    ["reconnect.maxAttempts", 0, Infinity],
  ];
  for (const [name, ...values] of ends) {
    for (const value of values) assertEquals(thrownAt(name, value), undefined, `${name} ${value}`);
  }
});

test("texts with control characters are refused", () => {
  for (const name of [...TEXT, "username", "password"]) {
    const error = thrownAt(name, "a\r\nX-Injected: 1");
    assertInstanceOf(error, TypeError, name);
    assertStringIncludes(error.message, `${name} must not have control characters`);
  }
});

test("no message shows the password", () => {
  for (const secret of ["hunter2\n", "hunter2\x7f", ["hunter2"], { x: "hunter2" }]) {
    const error = thrownAt("password", secret);
    assertInstanceOf(error, TypeError);
    assertStringIncludes(error.message, "password must");
    assertFalse(`${error.message} ${error.stack}`.includes("hunter2"), error.message);
  }
  assertFalse(String(thrownAt("password", 86_420)).includes("86420"));
  // Neither does one about another option.
  const options = { password: "hunter2", username: "admin", fps: -1 };
  const { message } = assertThrows(() => resolveWriterOptions(SERVER, options), RangeError);
  assertFalse(message.includes("hunter2"), message);
});
