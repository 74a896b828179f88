/** Everything that cannot work fails soon, with the right code, and says what is wrong. */

import { assert, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import {
  type PixelFormat,
  type StreamErrorCode,
  VideoStream,
  type VideoStreamOptions,
} from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { Listener } from "../../support/listener.ts";
import { makeVideo } from "../../support/media.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { failureOf, look, SLOW, SMALL, TemporaryDirectory } from "../reading.ts";

interface Expected {
  code: StreamErrorCode;
  /** Milliseconds within which it has to fail. */
  within?: number | undefined;
  retryable?: boolean | undefined;
}

/** Fails once, and checks everything that all errors have in common. */
async function assertFails(
  url: string,
  { code, within: limit = 4_000, retryable = true }: Expected,
  options: VideoStreamOptions = {},
) {
  const begin = performance.now();
  const error = await failureOf(url, options);
  assertLess(performance.now() - begin, limit, error.message);
  assertEquals(error.code, code, error.message);
  assertEquals(error.retryable, retryable, error.message);
  assertEquals([error.name, error.url, error.attempt], ["StreamError", url, 1]);
  // One sentence: what could not be done, with what, and why.
  assert(/^Cannot (open|read|decode) \S+: \S/.test(error.message), error.message);
  assert(error.message.includes(url), error.message);
  assert(!/\n|\bat .*\.ts:\d|_worker|Error:/.test(error.message), error.message);
  return error;
}

test("arguments that cannot be right are refused by the constructor", () => {
  const bad: [string, VideoStreamOptions | undefined, new () => Error, string][] = [
    ["", undefined, TypeError, "url"],
    ["gopher://host/stream", undefined, TypeError, "rtsp"],
    ["rtsp://", undefined, TypeError, "host"],
    ["rtsp://host:99999/", undefined, TypeError, "65535"],
    ["rtsp://host/\r\nX: 1", undefined, TypeError, "control characters"],
    ["concat:/etc/hostname|/etc/hosts", undefined, TypeError, "concat"],
    ["rtsp://host/", { buffers: 1 }, RangeError, "buffers"],
    ["rtsp://host/", { width: 320.5 }, RangeError, "width"],
    ["rtsp://host/", { openTimeout: -1 }, RangeError, "openTimeout"],
    ["rtsp://host/", { format: "rgb" as PixelFormat }, RangeError, "rgb24"],
    ["rtsp://host/", { ["bufers" as "buffers"]: 4 }, TypeError, "buffers"],
    ["rtmp://host/a/b", { ffmpeg: { format: { timeout: 5 } } }, TypeError, "timeout"],
  ];
  for (const [url, options, type, text] of bad) {
    const error = assertThrows(() => new VideoStream(url, options), Error, text);
    assert(error instanceof type, `${url} ${JSON.stringify(options)}: ${String(error)}`);
  }
});

test("a server that answers 404: NOT_FOUND", SLOW, async () => {
  for (const at of ["DESCRIBE", "SETUP"] as const) {
    await using server = await startWrongCamera({ answers: { [at]: { status: 404 } } });
    await assertFails(server.url, { code: "NOT_FOUND" });
  }
});

test("an encoding that nobody can decode is told by its code", SLOW, async () => {
  const change = (lines: string[]) => lines.map((line) => line.replace("H264", "X-SECRET-CODEC"));
  await using server = await startWrongCamera({ sdp: { fmtp: false, change } });
  const begin = performance.now();
  const error = await failureOf(server.url, { openTimeout: 2_000 });
  assert(["UNSUPPORTED_CODEC", "NO_VIDEO"].includes(error.code), error.message);
  assertLess(performance.now() - begin, 5_000);
});

test("a file whose codec has no decoder is told by its code", SLOW, async () => {
  const film = await readFile(await makeVideo({ ...SMALL, codec: "mpeg4", container: "avi" }));
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("unknown.avi");
  const text = film.toString("latin1").replaceAll("FMP4", "QZQZ");
  await writeFile(path, Buffer.from(text, "latin1"));
  const begin = performance.now();
  const error = await failureOf(path);
  assert(["UNSUPPORTED_CODEC", "NO_VIDEO"].includes(error.code), error.message);
  assertLess(performance.now() - begin, 4_000);
});

const UNKNOWN = { code: "OPTION_UNKNOWN", retryable: false } as const;

test("a native option that nobody knows: OPTION_UNKNOWN, by its name", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 5 });
  const options: [string, NonNullable<VideoStreamOptions["ffmpeg"]>][] = [
    ["rw_timeout", { format: { rw_timeout: 1 } }],
    ["nonsense", { codec: { nonsense: 1 } }],
    ["more_nonsense", { format: { max_delay: 0, more_nonsense: "yes" } }],
  ];
  for (const [name, ffmpeg] of options) {
    const error = await assertFails(camera.url, UNKNOWN, { ffmpeg });
    assertStringIncludes(error.message, name);
    assert(!error.message.includes("max_delay"), error.message);
  }
  await using stream = new VideoStream(camera.url, {
    ffmpeg: { format: { max_delay: 0 }, codec: { flags: "low_delay" } },
  });
  assertEquals((await look(stream, 2)).length, 2);
});

test("a misspelt native option is answered with the name that was meant", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 5 });
  const film = await makeVideo(SMALL);
  const mistakes: [string, string, NonNullable<VideoStreamOptions["ffmpeg"]>][] = [
    [camera.url, "rtsp_flag; did you mean rtsp_flags?", { format: { rtsp_flag: "prefer_tcp" } }],
    [camera.url, "max_delai; did you mean max_delay?", { format: { max_delai: 1 } }],
    [camera.url, "thread; did you mean threads?", { codec: { thread: 1 } }],
    [film, "ignore_editlists; did you mean ignore_editlist?", { format: { ignore_editlists: 1 } }],
    [film, "skip-frame; did you mean skip_frame?", { codec: { "skip-frame": "nokey" } }],
    [
      film,
      "prob_size (did you mean probesize?), quite_another_thing",
      { format: { prob_size: 50_000, quite_another_thing: 1 } },
    ],
  ];
  for (const [url, hint, ffmpeg] of mistakes) {
    const error = await assertFails(url, UNKNOWN, { ffmpeg });
    assert(error.message.endsWith(` the option ${hint}`), error.message);
  }
});

/** Releases that call RTSP's time-out `stimeout`. */
const OLD_NAMES: ReadonlySet<string> = new Set(["4.3"]);

test(
  "RTSP's time-out: its old name is known where FFmpeg is as old, and hinted elsewhere",
  SLOW,
  async () => {
    await using camera = await startCamera({ ...SMALL, keyInterval: 5 });
    // In microseconds by this name in all releases: 4.3 would take it for an order to listen.
    await using stream = new VideoStream(camera.url, {
      ffmpeg: { format: { timeout: 5_000_000 } },
    });
    assertEquals((await look(stream, 2)).length, 2);
    const { libraries } = stream.stats();
    const ffmpeg = { format: { stimeout: 5_000_000 } };
    if (OLD_NAMES.has(libraries?.release ?? "")) {
      await using old = new VideoStream(camera.url, { ffmpeg });
      assertEquals((await look(old, 2)).length, 2);
      return;
    }
    const error = await assertFails(camera.url, UNKNOWN, { ffmpeg });
    assertStringIncludes(error.message, "the option stimeout; did you mean timeout?");
  },
);

test(
  "a container that FFmpeg does not have is an error that says what there is",
  SLOW,
  async () => {
    const file = await makeVideo(SMALL);
    const rows: readonly (readonly [string, string])[] = [
      ["nonsense", 'has no demuxer "nonsense"'],
      ["mpjpg", 'has no demuxer "mpjpg"; did you mean "mpjpeg"?'],
      // One of the names of one demuxer.
      ["matrosca", 'has no demuxer "matrosca"; did you mean "matroska"?'],
      ["v4l2", '"v4l2" is a device of libavdevice, which is not loaded'],
    ];
    for (const [container, words] of rows) {
      const expected = { code: "UNSUPPORTED_CONTAINER", retryable: false } as const;
      const error = await assertFails(file, expected, { container });
      assertStringIncludes(error.message, words);
    }
  },
);

/** A server that only notes who connects. */
function startTrap(): Promise<Listener> {
  return new Listener((socket) => socket.destroy()).listen();
}

test("a playlist or script in the place of a film opens nothing", SLOW, async () => {
  const film = await makeVideo({ ...SMALL, container: "ts", frames: 10 });
  await using trap = await startTrap();
  await using directory = await TemporaryDirectory.make();
  const hls = (target: string) =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${target}\n#EXT-X-ENDLIST\n`;
  const evil: Record<string, string> = {
    "film.mp4": hls(film),
    "film.m3u8": hls(`file://${film}`),
    "remote.mp4": hls(`http://127.0.0.1:${trap.port}/film.ts`),
    "concat.mp4": `ffconcat version 1.0\nfile '${film}'\n`,
    "concat.ffconcat": `ffconcat version 1.0\nfile 'http://127.0.0.1:${trap.port}/film.ts'\n`,
    "session.sdp": `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n` +
      `m=video ${trap.port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
  };
  for (const [name, text] of Object.entries(evil)) {
    const path = directory.file(name);
    await writeFile(path, text);
    const error = await failureOf(path, { openTimeout: 3_000 });
    assert(["INVALID_DATA", "PROTOCOL_BLOCKED"].includes(error.code), error.message);
  }
  assertEquals(trap.connections, 0);
});

test("a playlist on the web cannot open local files", SLOW, async () => {
  const film = await makeVideo({ ...SMALL, container: "ts", frames: 10 });
  const text = `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://${film}\n#EXT-X-ENDLIST\n`;
  await using server = await new Listener((socket) => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n`;
    socket.once("data", () => socket.end(head + text));
  }).listen();
  const url = `http://127.0.0.1:${server.port}/index.m3u8`;
  const error = await failureOf(url, { openTimeout: 4_000 });
  assert(error.code !== "OPEN_TIMEOUT", error.message);
});
