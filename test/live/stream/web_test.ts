/** HTTP as cheap cameras and plain servers speak it: what has an end, and what is a picture. */

import { assert, assertEquals } from "@std/assert";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import { VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { upTo } from "../../support/numbers.ts";
import * as odd from "../../support/odd_files.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { until, within } from "../../support/waiting.ts";
import { type Exchange, startWrongWeb } from "../../support/wrong_web.ts";
import { directory, file } from "../../support/wrong_web/files.ts";
import { liveFlv } from "../../support/wrong_web/live.ts";
import { multipart, type MultipartOptions } from "../../support/wrong_web/multipart.ts";
import { failureOf, GRAY, look, SLOW, SMALL, streamError } from "../reading.ts";

/** All frames of a stream that ends: their numbers, and why it ended. */
async function readAll(url: string, options: VideoStreamOptions = {}) {
  await using stream = new VideoStream(url, { ...GRAY, reconnect: { maxAttempts: 0 }, ...options });
  const counters: (number | undefined)[] = [];
  const read = async () => {
    for await (const { data, width, height } of stream) {
      counters.push(readCounter(data, width, height, 1));
    }
  };
  const error = await within(`end of ${url}`, read().then(() => undefined, (error) => error));
  const { dropped, tracks } = stream.stats();
  return { counters, error, state: stream.state, unread: dropped.unread, tracks };
}

test(
  "HTTP: what has a length has an end, whether the server grants ranges or not",
  SLOW,
  async () => {
    const ts = await countingVideo(50, { ...SMALL, container: "ts" });
    const flv = await countingVideo(50, { ...SMALL, container: "flv" });
    await using web = await startWrongWeb({
      "/ranges.ts": file(ts),
      "/plain.ts": file(ts, { ranges: false }),
      "/plain.flv": file(flv, { ranges: false }),
    });
    for (const path of ["/ranges.ts", "/plain.ts", "/plain.flv"]) {
      const { counters, error, state } = await readAll(web.at(path));
      assertEquals([path, error, state], [path, undefined, "stopped"]);
      assertEquals(counters, upTo(50), path);
    }
  },
);

test(
  "HTTP: a file whose connection breaks is resumed, or lost; it does not end",
  SLOW,
  async () => {
    const ts = await countingVideo(100, { ...SMALL, container: "ts" });
    await using web = await startWrongWeb({
      "/ranges.ts": file(ts, { breaksAt: 40_000 }),
      "/plain.ts": file(ts, { breakAt: 100_000, ranges: false }),
    });
    const resumed = await readAll(web.at("/ranges.ts"));
    assertEquals([resumed.error, resumed.state], [undefined, "stopped"]);
    assertEquals(resumed.counters, upTo(100));
    const { size } = await stat(ts);
    assert(size > 160_000 && web.requests.length >= 5, `${size} ${web.requests.length}`);
    const lost = await readAll(web.at("/plain.ts"));
    assertEquals([lost.error?.code, lost.state], ["END_OF_STREAM", "failed"]);
    assert(/connection was lost/.test(lost.error.message), lost.error.message);
    assert(lost.counters.length > 5 && lost.counters.length < 100, `${lost.counters.length}`);
  },
);

test("HTTP: a live FLV stream that tells a duration is live, and comes back", SLOW, async () => {
  const flv = await odd.flvWithDuration();
  await using web = await startWrongWeb({ "/cam.flv": liveFlv(flv, { hangUpAfter: 2_500 }) });
  const drops: string[] = [];
  await using stream = new VideoStream(web.at("/cam.flv"), {
    reconnect: { delay: 50 },
    onDisconnect: ({ code }) => void drops.push(code),
  }).start();
  await until("second connection", () => stream.read()?.connection === 2);
  assertEquals(drops, ["END_OF_STREAM"]);
});

test(
  "HTTP: an MP4 whose index comes last, from a server without ranges, is told",
  SLOW,
  async () => {
    const mp4 = await countingVideo(50, SMALL);
    await using web = await startWrongWeb({
      "/plain.mp4": file(mp4, { ranges: false }),
      "/chunked.mp4": file(mp4, { ranges: false, framing: "chunked" }),
    });
    for (const path of ["/plain.mp4", "/chunked.mp4"]) {
      const error = await failureOf(web.at(path));
      assertEquals(error.code, "INVALID_DATA");
      assert(error.message.includes("where the server grants byte ranges"), error.message);
    }
  },
);

test("a picture of any size is one frame and an end, from a file and over HTTP", SLOW, async () => {
  const [large, small] = await Promise.all([odd.snapshot("large"), odd.snapshot("small")]);
  const png = await odd.transparentPng();
  const type = "image/jpeg";
  await using web = await startWrongWeb({
    "/snapshot.jpg": file(large),
    "/small.jpg": file(small, { ranges: false }),
    "/snapshot.cgi": file(large, { contentType: type, ranges: false }),
    "/chunked.jpg": file(large, { framing: "chunked", ranges: false }),
    "/close.jpg": file(large, { framing: "close", ranges: false }),
    "/picture.png": file(png),
  });
  const paths = ["/snapshot.jpg", "/snapshot.cgi", "/chunked.jpg", "/close.jpg"].map((path) =>
    [web.at(path), 640, 360] as const
  );
  const sizes = [
    ...[...paths, [large, 640, 360] as const],
    ...[[web.at("/small.jpg"), 96, 64] as const, [small, 96, 64] as const],
    ...[[web.at("/picture.png"), 64, 64] as const, [png, 64, 64] as const],
  ];
  for (const [url, width, height] of sizes) {
    await using stream = new VideoStream(url);
    const frames = await look(stream, 2);
    assertEquals(frames.map(({ width, height }) => [width, height]), [[width, height]], url);
    assertEquals([stream.state, stream.lastError], ["stopped", undefined], url);
  }
});

test("a picture is repeated where a loop is wanted", SLOW, async () => {
  await using stream = new VideoStream(await odd.snapshot("large"), { loop: true });
  const frames = await look(stream, 8);
  assertEquals(frames.map(({ index }) => index), upTo(8));
  assertEquals(frames.map(({ width, height }) => [width, height]), Array(8).fill([640, 360]));
});

const MULTIPART: Readonly<Record<string, MultipartOptions>> = {
  "/plain": {},
  "/jpg": { type: "image/jpg" },
  "/parameters": { type: "image/jpeg; charset=binary" },
  "/typeless": { type: false },
  "/bare": { type: false, length: false },
  "/first": { firstBoundary: false },
  "/first-bare": { firstBoundary: false, type: false, length: false },
  "/line-feeds": { lineFeeds: true, chunked: true },
};

test(
  "HTTP: multipart MJPEG with odd types, or without types or a first boundary",
  SLOW,
  async () => {
    const pictures = await odd.jpegs();
    const routes = Object.entries(MULTIPART).map(([path, options]) =>
      [path, multipart(pictures, options)] as const
    );
    await using web = await startWrongWeb(Object.fromEntries(routes));
    for (const [path] of routes) {
      await using stream = new VideoStream(web.at(path));
      const frames = await look(stream, 5);
      assertEquals(
        frames.map(({ width, height }) => [width, height]),
        Array(5).fill([320, 180]),
        path,
      );
      assertEquals([stream.codec, stream.reconnectCount], ["mjpeg", 0], path);
    }
  },
);

test("HLS: sound as packed AAC is no hindrance", SLOW, async () => {
  const path = await odd.hlsPackedAac();
  await using web = await startWrongWeb({ "/hls/": directory(path, { ranges: false }) });
  const { counters, error, tracks } = await readAll(web.at("/hls/master.m3u8"));
  assertEquals([error, counters.length], [undefined, 150]);
  const codecs = tracks.map(({ kind, codec }) => `${kind} ${codec}`);
  assertEquals(codecs.sort(), ["audio aac", "video h264"]);
});

test("DASH: every frame of an MPD with an end", SLOW, async () => {
  const path = await odd.dash();
  await using web = await startWrongWeb({ "/dash/": directory(dirname(path)) });
  const { counters, error, state } = await readAll(web.at("/dash/index.mpd"));
  assertEquals([error, state, counters.length], [undefined, "stopped", 50]);
});

test("a container that is not allowed is named, with the option that allows it", SLOW, async () => {
  await using web = await startWrongWeb({
    "/list": async (exchange) => {
      exchange.head(200);
      await exchange.write("ffconcat version 1.0\nfile 'a.ts'\n");
    },
  });
  const url = web.at("/list");
  await using stream = new VideoStream(url);
  const error = await streamError("refusal", stream.ready);
  assertEquals([error.code, error.retryable], ["PROTOCOL_BLOCKED", false]);
  const reason = 'its container is "concat", which is not allowed for http by itself; ' +
    'the option container: "concat" allows it (EINVAL)';
  assertEquals(error.message, `Cannot open ${url}: ${reason}`);
});

test("HTTP: a page in place of a video, or a redirect out of HTTP, is told", SLOW, async () => {
  const page = "<!doctype html><title>Login</title>".padEnd(5_000);
  const answer = (headers: Readonly<Record<string, string | number>>) => async (to: Exchange) => {
    to.head(200, headers);
    await to.write(page);
  };
  const type = { "Content-Type": "text/html; charset=utf-8" };
  await using web = await startWrongWeb({
    "/login": answer({ ...type, "Content-Length": page.length }),
    "/video.cgi": answer(type),
    "/file": (to) => to.head(302, { Location: "file:///etc/hostname", "Content-Length": 0 }),
    "/camera": (to) => to.head(302, { Location: "rtsp://127.0.0.1:9/x", "Content-Length": 0 }),
  });
  for (const path of ["/login", "/video.cgi"]) {
    const error = await failureOf(web.at(path));
    assertEquals(error.code, "INVALID_DATA", error.message);
    assert(error.message.includes("no video but a text (text/html"), error.message);
  }
  for (const path of ["/file", "/camera"]) {
    const error = await failureOf(web.at(path));
    assertEquals(error.code, "PROTOCOL_BLOCKED", error.message);
    assert(error.message.includes("the server redirects to "), error.message);
  }
});

test(
  "HTTP: multipart MJPEG with wrong lengths or other parts comes on, once that was seen",
  SLOW,
  async () => {
    const jpegs = await odd.jpegs();
    const text = "--frame\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok\r\n";
    await using web = await startWrongWeb({
      "/short": multipart(jpegs, { length: false, headers: { "Content-Length": "3000" } }),
      "/long": multipart(jpegs, { length: false, headers: { "Content-Length": "99999" } }),
      "/text": async (exchange) => {
        const type = "multipart/x-mixed-replace; boundary=frame";
        exchange.head(200, { "Content-Type": type });
        for (let i = 0; !exchange.isOver; i++) {
          const jpeg = jpegs[i % jpegs.length]!;
          await exchange.write("--frame\r\nContent-Type: image/jpeg\r\n");
          await exchange.write(`Content-Length: ${jpeg.length}\r\n\r\n`);
          await exchange.write(jpeg);
          await exchange.write(`\r\n${text}`);
          await exchange.sleep(40);
        }
      },
    });
    for (const path of ["/short", "/long", "/text"]) {
      await using stream = new VideoStream(web.at(path), { ...GRAY, reconnect: { delay: 50 } });
      stream.start();
      await until(`many frames of ${path}`, () => stream.stats().decoded > 50, 20_000);
      assert(stream.reconnectCount <= 1, `${stream.reconnectCount} of ${path}`);
    }
  },
);
