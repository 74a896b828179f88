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
import { StreamError } from "../../src/core/errors.ts";
import {
  checkNativeFormat,
  resolveOptions,
  resolveReconnect,
  type VideoStreamOptions,
} from "../../src/core/options.ts";
import { parseMediaUrl } from "../../src/core/url.ts";

const { MAX_SAFE_INTEGER } = Number;
const MAX_TIME = 2_147_483_647;

/** What a program without types may pass: `value` at a path like "reconnect.delay". */
function resolveAt(path: string, value: unknown) {
  const [first, second] = path.split(".");
  const options = { [first]: second ? { [second]: value } : value };
  return resolveOptions(options as unknown as VideoStreamOptions);
}

function thrownAt(path: string, value: unknown): unknown {
  try {
    resolveAt(path, value);
  } catch (error) {
    return error;
  }
  return undefined;
}

test("resolveOptions() without options gives the defaults of the design", () => {
  const { reconnect, ffmpeg, ...rest } = resolveOptions();
  const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  assertEquals(set, {
    transport: "auto",
    openTimeout: 10_000,
    readTimeout: 10_000,
    stallTimeout: 10_000,
    closeTimeout: 2_000,
    format: "rgb24",
    fit: "fill",
    buffers: 4,
    loop: false,
    realtime: false,
  });
  const { retry, ...numbers } = reconnect;
  assertEquals(numbers, {
    delay: 1_000,
    backoff: 1,
    maxDelay: 30_000,
    maxAttempts: Infinity,
    jitter: 0,
  });
  assertEquals(ffmpeg, { format: {}, codec: {} });
  const error = (code: "REFUSED" | "AUTH_FAILED") =>
    new StreamError({ code, operation: "open", url: "rtsp://camera/" });
  assertEquals([retry(error("REFUSED")), retry(error("AUTH_FAILED"))], [true, false]);
});

test("resolveOptions() takes undefined as not given", () => {
  const names = [...Object.keys(resolveOptions()), "reconnect.delay", "reconnect.retry"];
  for (const name of [...names, "ffmpeg.format"]) {
    assertEquals(
      JSON.stringify(resolveAt(name, undefined)),
      JSON.stringify(resolveOptions()),
      name,
    );
  }
});

test("resolveOptions() keeps what was given", () => {
  const given = {
    name: "door",
    username: "admin",
    password: "p@ss",
    transport: "udp",
    openTimeout: 1,
    readTimeout: 2,
    stallTimeout: 3,
    closeTimeout: 0,
    format: "nv12",
    width: 320,
    height: 240,
    fit: "cover",
    buffers: 8,
    socketBufferSize: 65_536,
    inputFormat: "mpjpeg",
    loop: true,
    realtime: true,
    signal: new AbortController().signal,
    logger: console,
    onConnect: () => {},
    onDisconnect: () => {},
    onReconnectFailure: () => {},
  } as const satisfies VideoStreamOptions;
  const resolved = resolveOptions(given);
  for (const name of Object.keys(given) as (keyof typeof given)[]) {
    assertStrictEquals(resolved[name], given[name], name);
  }
  const reconnect = {
    delay: 5,
    backoff: 1.5,
    maxDelay: 6,
    maxAttempts: 7,
    jitter: 0.5,
    retry: () => true,
  };
  assertEquals(resolveOptions({ reconnect }).reconnect, reconnect);
});

const TEXT = ["name", "username", "inputFormat"];
const TIMES = ["openTimeout", "readTimeout", "stallTimeout"];

/** Option, what is wrong, how it is shown, what is said to be allowed. */
type Row = readonly [path: string, value: unknown, shown: string, allowed: string];

const WRONG_TYPE: readonly Row[] = [
  ...TEXT.map((name): Row => [name, 5, "5", "a string"]),
  ...[...TIMES, "closeTimeout", "reconnect.delay", "reconnect.maxDelay"].map((name): Row => [
    name,
    "1000",
    '"1000"',
    "a number of milliseconds",
  ]),
  ...["width", "height"].map((name): Row => [name, "640", '"640"', "a whole number of pixels"]),
  ["password", 5, "number", "a string"],
  ["transport", 1, "1", '"auto", "tcp", "udp", "udp_multicast", "http"'],
  ["format", null, "null", '"rgb24"'],
  ["fit", true, "true", '"fill", "contain", "cover"'],
  ["buffers", 4n, "4", "a whole number from 2 to 64"],
  ["socketBufferSize", {}, "an object", "a whole number of bytes"],
  ["loop", "yes", '"yes"', "true or false"],
  ["realtime", 1, "1", "true or false"],
  ["reconnect", true, "true", "an object"],
  ["reconnect", [], "an array", "an object"],
  ["reconnect", null, "null", "an object"],
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
  ["logger", { debug() {}, info() {}, warn() {} }, "", 'a function "error"'],
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
  ["transport", "TCP", '"TCP"', '"auto", "tcp"'],
  ["format", "rgb", '"rgb"', '"rgb24", "bgr24", "rgba", "bgra", "gray8", "yuv420p", "nv12"'],
  ["fit", "", '""', '"fill", "contain", "cover"'],
  ["buffers", 1, "1", "from 2 to 64"],
  ["buffers", 65, "65", "from 2 to 64"],
  ["buffers", 2.5, "2.5", "a whole number"],
  ["socketBufferSize", 0, "0", "from 1 to"],
  ["reconnect.backoff", 0.99, "0.99", "from 1 to 1000"],
  ["reconnect.backoff", 1_001, "1001", "from 1 to 1000"],
  ["reconnect.maxAttempts", -1, "-1", `from 0 to ${MAX_SAFE_INTEGER}`],
  ["reconnect.maxAttempts", 1.5, "1.5", "a whole number"],
  ["reconnect.maxAttempts", -Infinity, "-Infinity", "a whole number"],
  ["reconnect.jitter", 1.01, "1.01", "from 0 to 1"],
  ["reconnect.jitter", -0.01, "-0.01", "from 0 to 1"],
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
  const { reconnect, ffmpeg, ...rest } = resolveOptions();
  const all = [
    ...Object.keys(rest),
    "reconnect",
    ...Object.keys(reconnect).map((name) => `reconnect.${name}`),
    "ffmpeg",
    ...Object.keys(ffmpeg).map((name) => `ffmpeg.${name}`),
  ];
  assertEquals([...new Set(WRONG_TYPE.map(([path]) => path))].sort(), all.sort());
});

test("the ends of a range are allowed", () => {
  const ends: readonly (readonly [string, number, number])[] = [
    ...TIMES.map((name) => [name, 1, MAX_TIME] as const),
    ["closeTimeout", 0, MAX_TIME],
    ["width", 2, 16_384],
    ["height", 2, 16_384],
    ["buffers", 2, 64],
    ["reconnect.delay", 0, MAX_TIME],
    ["reconnect.maxAttempts", 0, Infinity],
    ["reconnect.jitter", 0, 1],
    ["reconnect.backoff", 1, 1_000],
  ];
  for (const [name, ...values] of ends) {
    for (const value of values) assertEquals(thrownAt(name, value), undefined, `${name} ${value}`);
  }
  assertEquals(resolveReconnect({ maxAttempts: Infinity }).maxAttempts, Infinity);
});

test("an unknown name is a TypeError with the closest one", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["transprot", "transport"],
    ["openTimeOut", "openTimeout"],
    ["pasword", "password"],
    ["buffer", "buffers"],
    ["reconnect.maxAtempts", "maxAttempts"],
    ["reconnect.dealy", "delay"],
    ["ffmpeg.formats", "format"],
  ];
  for (const [path, close] of rows) {
    const { message } = assertThrows(() => resolveAt(path, 1), TypeError);
    assertEquals(message, `unknown option "${path}"; did you mean "${close}"?`);
  }
});

test("an unknown name that is like no other lists the known ones", () => {
  const { message } = assertThrows(() => resolveAt("ffmpeg.zzzzzzzz", 1), TypeError);
  assertEquals(message, 'unknown option "ffmpeg.zzzzzzzz"; known are format, codec');
  const top = assertThrows(() => resolveAt("quqqqqqqq", 1), TypeError).message;
  for (const name of Object.keys(resolveOptions())) assertStringIncludes(top, name);
});

test("options that are no object are a TypeError", () => {
  for (const value of [null, "rtsp://x", 5, [], true]) {
    assertThrows(
      () => resolveOptions(value as unknown as VideoStreamOptions),
      TypeError,
      "options must be an object",
    );
  }
});

test("no message shows the password", () => {
  for (const secret of ["hunter2\n", "hunter2\x7f", ["hunter2"], { x: "hunter2" }]) {
    const error = thrownAt("password", secret);
    assertInstanceOf(error, TypeError);
    assertStringIncludes(error.message, "password must");
    assertFalse(`${error.message} ${error.stack}`.includes("hunter2"), error.message);
  }
  assertInstanceOf(thrownAt("password", 86_420), TypeError);
  assertFalse(String(thrownAt("password", 86_420)).includes("86420"));
});

test("texts with control characters are refused", () => {
  for (const name of [...TEXT, "password"]) {
    const error = thrownAt(name, "a\r\nX-Injected: 1");
    assertInstanceOf(error, TypeError, name);
    assertEquals(error.message, `${name} must not have control characters`);
  }
});

test("the result is frozen, and changing what was passed does not change it", () => {
  const reconnect = { delay: 7 };
  const format: Record<string, string> = { a: "1" };
  const resolved = resolveOptions({ reconnect, ffmpeg: { format } });
  for (const part of [resolved, resolved.reconnect, resolved.ffmpeg]) {
    assert(Object.isFrozen(part));
  }
  reconnect.delay = 8;
  format.a = "2";
  assertEquals([resolved.reconnect.delay, resolved.ffmpeg.format], [7, { a: "1" }]);
});

test("checkNativeFormat() refuses what makes libav listen in place of calling", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["rtmp://server/live", "timeout"],
    ["rtmp://server/live", "listen"],
    ["rtmps://server/live", "timeout"],
    ["http://server/x.mjpg", "listen"],
    ["https://server/x.mjpg", "listen"],
  ];
  for (const [url, name] of rows) {
    const options = resolveOptions({ ffmpeg: { format: { [name]: 0 } } });
    const check = () => checkNativeFormat(options, parseMediaUrl(url));
    const { message } = assertThrows(check, TypeError, `ffmpeg.format.${name}`);
    assertStringIncludes(message, "openTimeout");
  }
});

test("checkNativeFormat() lets other options and schemes pass", () => {
  const options = resolveOptions({ ffmpeg: { format: { timeout: 5, probesize: 32 } } });
  for (const url of ["rtsp://camera/", "http://server/x.mjpg", "./clip.mp4"]) {
    checkNativeFormat(options, parseMediaUrl(url));
  }
  const codec = resolveOptions({ ffmpeg: { codec: { listen: 1, timeout: 1 } } });
  checkNativeFormat(codec, parseMediaUrl("rtmp://server/live"));
});
