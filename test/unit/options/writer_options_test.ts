import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { StreamError } from "../../../src/core/connection/errors.ts";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";
import {
  type ResolvedWriterOptions,
  resolveWriterOptions,
  type VideoWriterOptions,
  writerCredentials,
} from "../../../src/core/options/writer_options.ts";

const { MAX_SAFE_INTEGER } = Number;
const MAX_TIME = 2_147_483_647;
const SERVER = parseMediaUrl("rtmp://server/live/key");
const FILE = parseMediaUrl("./clip.mp4");

/** What a program without types may pass: `value` at a path like "queue.size", as a writer does it. */
function resolveAt(path: string, value: unknown): ResolvedWriterOptions {
  const [first, second] = path.split(".");
  const options = { [first]: second ? { [second]: value } : value } as unknown;
  writerCredentials(options as VideoWriterOptions);
  return resolveWriterOptions(SERVER, options as VideoWriterOptions);
}

function thrownAt(path: string, value: unknown): unknown {
  try {
    resolveAt(path, value);
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Without what was not given. */
function given(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

test("a writer to a server has the defaults of a live stream", () => {
  for (const scheme of ["rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp"]) {
    const media = parseMediaUrl(`${scheme}://server:9000/x`);
    const { timestamps, queue, output } = resolveWriterOptions(media);
    assertEquals(timestamps, "wallclock", scheme);
    assertEquals(queue, { size: 4, policy: "drop-oldest" }, scheme);
    assertEquals(output.live, true, scheme);
  }
});

test("a writer to a file has defaults that lose nothing", () => {
  for (const extension of ["mp4", "m4v", "mov", "mkv", "flv", "ts", "mts", "avi"]) {
    const media = parseMediaUrl(`clip.${extension}`);
    const { timestamps, queue, output } = resolveWriterOptions(media);
    assertEquals(timestamps, "frame", extension);
    assertEquals(queue, { size: 4, policy: "block" }, extension);
    assertEquals(output.live, false, extension);
  }
});

test("the other defaults are the same for both", () => {
  for (const media of [SERVER, FILE]) {
    const { reconnect, output: _t, timestamps: _s, queue: _q, ...rest } = resolveWriterOptions(
      media,
    );
    assertEquals(given(rest), {
      fps: 30,
      codec: "h264",
      encoder: "auto",
      pace: false,
      overwrite: false,
      fragmented: false,
      transport: "tcp",
      openTimeout: 10_000,
      writeTimeout: 10_000,
      closeTimeout: 10_000,
      ffmpeg: { format: {}, codec: {} },
    });
    const { retry, ...numbers } = reconnect;
    assertEquals(numbers, {
      delay: 1_000,
      backoff: 1,
      maxDelay: 30_000,
      maxAttempts: Infinity,
      jitter: 0,
    });
    const error = (code: "REFUSED" | "AUTH_FAILED") =>
      new StreamError({ code, operation: "open", url: "rtmp://server/" });
    assertEquals([retry(error("REFUSED")), retry(error("AUTH_FAILED"))], [true, false]);
  }
});

test("a default that was asked for by name is the same for server and file", () => {
  for (const media of [SERVER, FILE]) {
    for (const timestamps of ["wallclock", "frame", "constant"] as const) {
      assertEquals(resolveWriterOptions(media, { timestamps }).timestamps, timestamps);
    }
    for (const policy of ["drop-oldest", "block"] as const) {
      assertEquals(resolveWriterOptions(media, { queue: { policy } }).queue, { size: 4, policy });
    }
    const { size } = resolveWriterOptions(media, { queue: { size: 9 } }).queue;
    assertEquals(size, 9);
  }
});

test("a container that is named is the output's, and a path needs no extension then", () => {
  const { output } = resolveWriterOptions(parseMediaUrl("clip"), { container: "matroska" });
  assertEquals([output.muxer, output.live], ["matroska", false]);
  assertThrows(() => resolveWriterOptions(parseMediaUrl("clip")), TypeError, "container");
});

test("a URL that can only be read is refused", () => {
  const media = parseMediaUrl("http://admin:hunter2@server/x.mp4");
  const { message } = assertThrows(() => resolveWriterOptions(media), TypeError, "rtmp");
  assertFalse(message.includes("hunter2"), message);
});

test("undefined is taken as not given", () => {
  const names = [...Object.keys(resolveWriterOptions(SERVER)), "username", "password", "container"];
  const nested = ["queue.size", "queue.policy", "reconnect.delay", "ffmpeg.format"];
  const plain = JSON.stringify(resolveWriterOptions(SERVER));
  for (const name of [...names.filter((name) => name !== "output"), ...nested]) {
    assertEquals(JSON.stringify(resolveAt(name, undefined)), plain, name);
  }
});

test("what was given is kept", () => {
  const options = {
    name: "door",
    width: 320,
    height: 240,
    fps: 12.5,
    codec: "hevc",
    encoder: "hevc_nvenc",
    bitrate: 750_000,
    gop: 12,
    preset: "p4",
    tune: "hq",
    format: "nv12",
    pixelFormat: "yuv444p",
    timestamps: "constant",
    pace: true,
    overwrite: true,
    fragmented: true,
    transport: "udp",
    openTimeout: 1,
    writeTimeout: 2,
    closeTimeout: 0,
    signal: new AbortController().signal,
    logger: console,
    onConnect: () => {},
    onDisconnect: () => {},
    onReconnectFailure: () => {},
  } as const satisfies VideoWriterOptions;
  const resolved = resolveWriterOptions(SERVER, options);
  for (const name of Object.keys(options) as (keyof typeof options)[]) {
    assertStrictEquals(resolved[name], options[name], name);
  }
  const reconnect = {
    delay: 5,
    backoff: 1.5,
    maxDelay: 6,
    maxAttempts: 7,
    jitter: 0.5,
    retry: () => true,
  };
  assertEquals(resolveWriterOptions(SERVER, { reconnect }).reconnect, reconnect);
  const queue = { size: 64, policy: "block" } as const;
  assertEquals(resolveWriterOptions(SERVER, { queue }).queue, queue);
  const ffmpeg = { format: { rtmp_live: "live", a: 5 }, codec: { b: true } };
  assertEquals(resolveWriterOptions(SERVER, { ffmpeg }).ffmpeg, {
    format: { rtmp_live: "live", a: "5" },
    codec: { b: "1" },
  });
});

test("credentials are not among the resolved options", () => {
  const options = { username: "admin", password: "hunter2" };
  assertEquals(writerCredentials(options), options);
  const resolved = resolveWriterOptions(SERVER, options);
  assertFalse("password" in resolved || "username" in resolved);
  assertFalse(JSON.stringify(resolved).includes("hunter2"));
  assertEquals(given(writerCredentials()), {});
  assertEquals(given(writerCredentials({ fps: 5 })), {});
});

test("the result is frozen, and changing what was passed does not change it", () => {
  const queue = { size: 7 };
  const format: Record<string, string> = { a: "1" };
  const resolved = resolveWriterOptions(SERVER, { queue, ffmpeg: { format } });
  for (const part of [resolved, resolved.reconnect, resolved.ffmpeg]) {
    assert(Object.isFrozen(part));
  }
  queue.size = 8;
  format.a = "2";
  assertEquals(resolved.queue.size, 7);
  assertEquals(resolved.ffmpeg.format, { a: "1" });
});

test("an unknown name is a TypeError with the closest one", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["bitRate", "bitrate"],
    ["FPS", "fps"],
    ["codecs", "codec"],
    ["encodr", "encoder"],
    ["pixelformat", "pixelFormat"],
    ["pixel_format", "pixelFormat"],
    ["timestamp", "timestamps"],
    ["overwritten", "overwrite"],
    ["pasword", "password"],
    ["writeTimeOut", "writeTimeout"],
    ["containers", "container"],
    ["queue.sizes", "size"],
    ["queue.Policy", "policy"],
    ["reconnect.maxAtempts", "maxAttempts"],
    ["ffmpeg.formats", "format"],
  ];
  for (const [path, close] of rows) {
    const { message } = assertThrows(() => resolveAt(path, 1), TypeError);
    assertEquals(message, `unknown option "${path}"; did you mean "${close}"?`);
  }
});

test("an unknown name that is like no other lists the known ones", () => {
  const queue = assertThrows(() => resolveAt("queue.zzzzzzzz", 1), TypeError).message;
  assertEquals(queue, 'unknown option "queue.zzzzzzzz"; known are size, policy');
  const top = assertThrows(() => resolveAt("quqqqqqqqqq", 1), TypeError).message;
  const names = Object.keys(resolveWriterOptions(SERVER)).filter((name) => name !== "output");
  for (const name of [...names, "username", "password", "container"]) {
    assertStringIncludes(top, name);
  }
});

test("what only a reader has is unknown", () => {
  for (const name of ["latency", "readTimeout", "maxFps", "decode", "history", "loop", "output"]) {
    assertThrows(() => resolveAt(name, undefined), TypeError, `unknown option "${name}"`);
  }
});

test("options that are no object are a TypeError", () => {
  for (const value of [null, "rtmp://x", 5, [], true]) {
    assertThrows(
      () => resolveWriterOptions(SERVER, value as unknown as VideoWriterOptions),
      TypeError,
      "options must be an object",
    );
  }
});

const TEXT = ["name", "encoder", "preset", "tune", "pixelFormat"];
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
  ["ffmpeg", "x", '"x"', "an object"],
  ["ffmpeg.format", "x", '"x"', "an object of names and values"],
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
  const { queue, reconnect, ffmpeg, output: _, ...rest } = resolveWriterOptions(SERVER);
  const all = [...Object.keys(rest), "username", "password", "container"];
  for (const [group, options] of Object.entries({ queue, reconnect, ffmpeg })) {
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
