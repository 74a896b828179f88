import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import { test } from "node:test";
import {
  resolveStreamOptions,
  type VideoStreamOptions,
} from "../../../src/core/options/stream_options.ts";

const { MAX_SAFE_INTEGER } = Number;
const MAX_TIME = 2_147_483_647;

/** What a program without types may pass: `value` at a path like "reconnect.delay". */
function resolveAt(path: string, value: unknown) {
  const [first, second] = path.split(".");
  const options = { [first!]: second ? { [second]: value } : value };
  return resolveStreamOptions(options as unknown as VideoStreamOptions);
}

function thrownAt(path: string, value: unknown): unknown {
  try {
    resolveAt(path, value);
  } catch (error) {
    return error;
  }
  return undefined;
}

const TLS = ["tls.caFile", "tls.certFile", "tls.keyFile", "tls.serverName"];
const TEXT = ["name", "container", ...TLS];
const TIMES = ["openTimeout", "readTimeout", "stallTimeout", "keyframeTimeout"];

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
  ["username", 5, "number", "a string"],
  ["password", 5, "number", "a string"],
  ["rtspClient", true, "true", '"auto", "own", "libav"'],
  ["latency", 0, "0", '"lowest", "normal"'],
  ["transport", 1, "1", '"auto", "tcp", "udp", "udp_multicast", "http"'],
  ["format", null, "null", '"rgb24"'],
  ["fit", true, "true", '"fill", "contain", "cover"'],
  ...["30", "Infinity", null, true].map((value): Row => [
    "maxFps",
    value,
    typeof value === "string" ? `"${value}"` : String(value),
    "a number of frames per second (or Infinity) from",
  ]),
  ["convert", true, "true", '"every", "on-demand"'],
  ["decode", 4, "4", "an object"],
  ["decode", null, "null", "an object"],
  ["decode", ["threads"], "an array", "an object"],
  ["decode.threads", "4", '"4"', "a whole number from 0 to 64"],
  ["decode.skip", 1, "1", '"none", "nonref", "nonkey"'],
  ["decode.waitForKeyframe", "no", '"no"', "true or false"],
  ["decode.waitForKeyframe", 0, "0", "true or false"],
  ["buffers", 4n, "4", "a whole number from 2 to 64"],
  ["track", "0", '"0"', "a whole number from 0 to 1000"],
  ["history", 4, "4", "an object"],
  ["history.duration", "4", '"4"', "a number of milliseconds"],
  ["history.bytes", "4", '"4"', "a whole number of bytes"],
  ["socketBufferSize", {}, "an object", "a whole number of bytes"],
  ["autorotate", "no", '"no"', "true or false"],
  ["squarePixels", 0, "0", "true or false"],
  ["loop", "yes", '"yes"', "true or false"],
  ["pace", 1, "1", "true or false"],
  ["reconnect", true, "true", "an object"],
  ["reconnect", [], "an array", "an object"],
  ["reconnect", null, "null", "an object"],
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
  ["rtspClient", "ffmpeg", '"ffmpeg"', '"auto", "own", "libav"'],
  ["latency", "low", '"low"', '"lowest", "normal"'],
  ["transport", "TCP", '"TCP"', '"auto", "tcp"'],
  ["format", "rgb", '"rgb"', '"rgb24", "bgr24", "rgba", "bgra", "gray8", "yuv420p", "nv12"'],
  ["fit", "", '""', '"fill", "contain", "cover"'],
  ...[0, -0.5, -30, NaN, -Infinity, 1_001].map((value): Row => [
    "maxFps",
    value,
    String(value),
    "a number of frames per second (or Infinity) from",
  ]),
  ["format", "rgb-planar", '"rgb-planar"', '"rgb-planar-u8", "rgb-planar-f32"'],
  ["convert", "On-Demand", '"On-Demand"', '"every", "on-demand"'],
  ["decode.threads", -1, "-1", "from 0 to 64"],
  ["decode.threads", 65, "65", "from 0 to 64"],
  ["decode.threads", 1.5, "1.5", "a whole number"],
  ["decode.threads", Infinity, "Infinity", "a whole number"],
  ["decode.skip", "all", '"all"', '"none", "nonref", "nonkey"'],
  ["track", -1, "-1", "from 0 to 1000"],
  ["track", 0.5, "0.5", "a whole number"],
  ["buffers", 1, "1", "from 2 to 64"],
  ["buffers", 65, "65", "from 2 to 64"],
  ["buffers", 2.5, "2.5", "a whole number"],
  ["history.duration", -1, "-1", "from 0 to"],
  ["history.bytes", 0, "0", "from 1 to"],
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
  const { reconnect, decode, history, tls, ffmpeg, ...rest } = resolveStreamOptions();
  const all = Object.keys(rest);
  for (const [group, options] of Object.entries({ reconnect, decode, history, tls, ffmpeg })) {
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
    ["maxFps", 1, 1_000],
    ["maxFps", 0.001, Infinity],
    ["decode.threads", 0, 64],
    ["buffers", 2, 64],
    ["reconnect.delay", 0, MAX_TIME],
    ["reconnect.maxAttempts", 0, Infinity],
    ["reconnect.jitter", 0, 1],
    ["reconnect.backoff", 1, 1_000],
  ];
  for (const [name, ...values] of ends) {
    for (const value of values) assertEquals(thrownAt(name, value), undefined, `${name} ${value}`);
  }
  assertEquals(
    resolveStreamOptions({ reconnect: { maxAttempts: Infinity } }).reconnect.maxAttempts,
    Infinity,
  );
  assertEquals(resolveStreamOptions({ maxFps: Infinity }).maxFps, Infinity);
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
  for (const name of [...TEXT, "username", "password"]) {
    const error = thrownAt(name, "a\r\nX-Injected: 1");
    assertInstanceOf(error, TypeError, name);
    assertEquals(error.message, `${name} must not have control characters`);
  }
});
