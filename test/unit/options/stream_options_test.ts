import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { StreamError } from "../../../src/core/connection/errors.ts";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";
import { checkNativeFormat } from "../../../src/core/options/native_options.ts";
import {
  resolveStreamOptions,
  type VideoStreamOptions,
} from "../../../src/core/options/stream_options.ts";

/** What a program without types may pass: `value` at a path like "reconnect.delay". */
function resolveAt(path: string, value: unknown) {
  const [first, second] = path.split(".");
  const options = { [first!]: second ? { [second]: value } : value };
  return resolveStreamOptions(options as unknown as VideoStreamOptions);
}

test("resolveStreamOptions() without options gives the defaults of the design", () => {
  const { reconnect, decode, history, tls, ffmpeg, ...rest } = resolveStreamOptions();
  const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  assertEquals(set, {
    transport: "auto",
    rtspClient: "libav",
    latency: "lowest",
    openTimeout: 10_000,
    readTimeout: 10_000,
    stallTimeout: 10_000,
    keyframeTimeout: 120_000,
    closeTimeout: 2_000,
    format: "rgb24",
    fit: "fill",
    autorotate: true,
    squarePixels: true,
    maxFps: Infinity,
    convert: "every",
    buffers: 4,
    loop: false,
    pace: false,
  });
  const { retry, ...numbers } = reconnect;
  assertEquals(numbers, {
    delay: 1_000,
    backoff: 1,
    maxDelay: 30_000,
    maxAttempts: Infinity,
    jitter: 0,
  });
  assertEquals(decode, { threads: 1, skip: "none", waitForKeyframe: true });
  assertEquals(history, { duration: 0, bytes: 64 * 1024 * 1024 });
  assertEquals(ffmpeg, { format: {}, codec: {} });
  assertEquals([tls.verify, tls.caFile], [true, undefined]);
  const error = (code: "REFUSED" | "AUTH_FAILED") =>
    new StreamError({ code, operation: "open", url: "rtsp://camera/" });
  assertEquals([retry(error("REFUSED")), retry(error("AUTH_FAILED"))], [true, false]);
});

test("resolveStreamOptions() takes undefined as not given", () => {
  const names = [...Object.keys(resolveStreamOptions()), "reconnect.delay", "reconnect.retry"];
  for (const name of [...names, "decode.threads", "decode.waitForKeyframe", "ffmpeg.format"]) {
    assertEquals(
      JSON.stringify(resolveAt(name, undefined)),
      JSON.stringify(resolveStreamOptions()),
      name,
    );
  }
  assertEquals(resolveStreamOptions({ maxFps: undefined }).maxFps, Infinity);
});

test("resolveStreamOptions() keeps what was given", () => {
  const given = {
    name: "door",
    username: "admin",
    password: "p@ss",
    transport: "udp",
    rtspClient: "own",
    latency: "normal",
    openTimeout: 1,
    readTimeout: 2,
    stallTimeout: 3,
    keyframeTimeout: 4,
    closeTimeout: 0,
    format: "nv12",
    width: 320,
    height: 240,
    fit: "cover",
    maxFps: 12.5,
    convert: "on-demand",
    buffers: 8,
    socketBufferSize: 65_536,
    container: "mpjpeg",
    loop: true,
    pace: true,
    signal: new AbortController().signal,
    logger: console,
    onConnect: () => {},
    onDisconnect: () => {},
    onReconnectFailure: () => {},
  } as const satisfies VideoStreamOptions;
  const resolved = resolveStreamOptions(given);
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
  assertEquals(resolveStreamOptions({ reconnect }).reconnect, reconnect);
  const decode = { threads: 0, skip: "nonkey", waitForKeyframe: false } as const;
  assertEquals(resolveStreamOptions({ decode }).decode, decode);
});

test("options of decode that were not given have their defaults", () => {
  const decode = { threads: 1, skip: "none", waitForKeyframe: true } as const;
  assertEquals(resolveStreamOptions({ decode: {} }).decode, decode);
  assertEquals(resolveStreamOptions({ decode: { threads: 4 } }).decode, { ...decode, threads: 4 });
  assertEquals(resolveStreamOptions({ decode: { skip: "nonref" } }).decode, {
    ...decode,
    skip: "nonref",
  });
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
    ["maxFPS", "maxFps"],
    ["max_fps", "maxFps"],
    ["converts", "convert"],
    ["decoder", "decode"],
    ["decode.thread", "threads"],
    ["decode.skipp", "skip"],
    ["decode.waitForKeyFrame", "waitForKeyframe"],
  ];
  for (const [path, close] of rows) {
    const { message } = assertThrows(() => resolveAt(path, 1), TypeError);
    assertEquals(message, `unknown option "${path}"; did you mean "${close}"?`);
  }
});

test("the old name of an option is a TypeError with the new one", () => {
  for (const [old, name] of [["realtime", "pace"], ["inputFormat", "container"]]) {
    const { message } = assertThrows(() => resolveAt(old!, undefined), TypeError);
    assertEquals(message, `unknown option "${old}"; it is called "${name}" now`);
  }
});

test("an unknown name that is like no other lists the known ones", () => {
  const { message } = assertThrows(() => resolveAt("ffmpeg.zzzzzzzz", 1), TypeError);
  assertEquals(message, 'unknown option "ffmpeg.zzzzzzzz"; known are format, codec');
  const decode = assertThrows(() => resolveAt("decode.zzzzzzzz", 1), TypeError).message;
  assertEquals(
    decode,
    'unknown option "decode.zzzzzzzz"; known are threads, skip, waitForKeyframe',
  );
  const top = assertThrows(() => resolveAt("quqqqqqqq", 1), TypeError).message;
  for (const name of Object.keys(resolveStreamOptions())) assertStringIncludes(top, name);
});

test("options that are no object are a TypeError", () => {
  for (const value of [null, "rtsp://x", 5, [], true]) {
    assertThrows(
      () => resolveStreamOptions(value as unknown as VideoStreamOptions),
      TypeError,
      "options must be an object",
    );
  }
});

test("the result is frozen, and changing what was passed does not change it", () => {
  const reconnect = { delay: 7 };
  const decode = { threads: 2 };
  const format: Record<string, string> = { a: "1" };
  const resolved = resolveStreamOptions({ reconnect, decode, ffmpeg: { format } });
  const { ffmpeg } = resolved;
  for (const part of [resolved, resolved.reconnect, resolved.decode, ffmpeg, ffmpeg.format]) {
    assert(Object.isFrozen(part));
  }
  reconnect.delay = 8;
  decode.threads = 3;
  format.a = "2";
  assertEquals([resolved.reconnect.delay, resolved.decode.threads], [7, 2]);
  assertEquals(ffmpeg.format, { a: "1" });
  assert(Object.isFrozen(resolveStreamOptions().decode));
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
    const options = resolveStreamOptions({ ffmpeg: { format: { [name]: 0 } } });
    const check = () => checkNativeFormat(options.ffmpeg, parseMediaUrl(url));
    const { message } = assertThrows(check, TypeError, `ffmpeg.format.${name}`);
    assertStringIncludes(message, "openTimeout");
  }
});

test("checkNativeFormat() lets other options and schemes pass", () => {
  const options = resolveStreamOptions({ ffmpeg: { format: { timeout: 5, probesize: 32 } } });
  for (const url of ["rtsp://camera/", "http://server/x.mjpg", "./clip.mp4"]) {
    checkNativeFormat(options.ffmpeg, parseMediaUrl(url));
  }
  const codec = resolveStreamOptions({ ffmpeg: { codec: { listen: 1, timeout: 1 } } });
  checkNativeFormat(codec.ffmpeg, parseMediaUrl("rtmp://server/live"));
});
