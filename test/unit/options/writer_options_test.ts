import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { StreamError } from "../../../src/core/connection/errors.ts";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";
import {
  resolveWriterOptions,
  type VideoWriterOptions,
  writerCredentials,
} from "../../../src/core/options/writer_options.ts";
import { resolveAt, SERVER } from "./writer_options_at.ts";

const FILE = parseMediaUrl("./clip.mp4");

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
    const resolved = resolveWriterOptions(media);
    const { reconnect, output: _t, timestamps: _s, queue: _q, tls, ...rest } = resolved;
    assertEquals(given(tls), { verify: true });
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
  const names = [...Object.keys(resolveWriterOptions(SERVER)), "username", "password"];
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
  for (const name of [...names, "username", "password"]) {
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
