/** Streams that do not come by RTSP: RTMP, HTTP in its many forms, MPEG-TS over UDP. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { basename, dirname } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoStream } from "../../../mod.ts";
import { makeVideo } from "../../support/media.ts";
import { isRising } from "../../support/numbers.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { freeUdpPort } from "../../support/port.ts";
import { startPublisher } from "../../support/publish.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { within } from "../../support/waiting.ts";
import { failureOf, ffmpeg, look, SLOW, SMALL, TemporaryDirectory } from "../reading.ts";

interface WebServer extends AsyncDisposable {
  readonly url: string;
  /** The paths asked for. */
  readonly requests: string[];
}

async function startWebServer(
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<WebServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The files of a directory, in whole or in ranges. */
function startFileServer(directory: string): Promise<WebServer> {
  return startWebServer(async (request, response) => {
    const data = await readFile(`${directory}/${basename(request.url ?? "")}`);
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const begin = Number(range?.[1] ?? 0);
    const end = Math.min(range?.[2] ? Number(range[2]) + 1 : data.length, data.length);
    response.writeHead(range ? 206 : 200, {
      "Accept-Ranges": "bytes",
      "Content-Length": end - begin,
      ...(range ? { "Content-Range": `bytes ${begin}-${end - 1}/${data.length}` } : {}),
    });
    response.end(data.subarray(begin, end));
  });
}

/** Sends the parts one by one, at this distance, without telling how many there are. */
function startLiveServer(type: string, parts: Uint8Array[], every: number): Promise<WebServer> {
  return startWebServer(async (_, response) => {
    response.writeHead(200, { "Content-Type": type });
    for (let i = 0; !response.destroyed; i++) {
      const part = parts[i];
      if (part === undefined) break;
      response.write(part);
      await sleep(every);
    }
    response.end();
  });
}

/** The numbers of all frames of a finite stream, at its normal end. */
async function countersOf(url: string): Promise<(number | undefined)[]> {
  await using stream = new VideoStream(url, { format: "gray8" });
  const counters: (number | undefined)[] = [];
  const read = async () => {
    for await (const { data, width, height } of stream) {
      counters.push(readCounter(data, width, height, 1));
    }
  };
  await within(`end of ${url}`, read());
  assertEquals([stream.state, stream.reconnectCount], ["stopped", 0]);
  return counters;
}

function assertLive(
  frames: Awaited<ReturnType<typeof look>>,
  { width, height }: { width: number; height: number } = SMALL,
): void {
  assert(isRising(frames.map(({ index }) => index)));
  assert(isRising(frames.map(({ pts }) => pts ?? NaN)), JSON.stringify(frames));
  for (const frame of frames) {
    assertEquals([frame.width, frame.height, frame.bytes], [width, height, width * height * 3]);
  }
}

test("RTMP: frames of a publisher arrive", SLOW, async () => {
  await using server = await startRtmpServer();
  const url = server.url("camera");
  await using _publisher = await startPublisher(url, SMALL);
  await using stream = new VideoStream(url);
  assertLive(await look(stream, 10));
  assertEquals([stream.codec, stream.state], ["h264", "streaming"]);
  assert(stream.fps !== undefined && stream.fps > 20 && stream.fps < 40, `${stream.fps}`);
});

test(
  "RTMP: a stream that nobody publishes is an error within the open time-out",
  SLOW,
  async () => {
    for (const idleStreams of [false, true]) {
      await using server = await startRtmpServer({ idleStreams });
      const begin = performance.now();
      const error = await failureOf(server.url("nobody"), { openTimeout: 1_500 });
      assertLess(performance.now() - begin, 4_000);
      assert(error.retryable, error.message);
      if (idleStreams) assertEquals(error.code, "OPEN_TIMEOUT");
    }
  },
);

test("HTTP: JPEG pictures in a multipart stream", SLOW, async () => {
  const file = await makeVideo({ ...SMALL, codec: "mjpeg", container: "mjpeg", frames: 60 });
  const data = await readFile(file);
  const parts: Uint8Array[] = [];
  for (let begin = 0; begin < data.length;) {
    const end = data.indexOf(Buffer.from([0xff, 0xd9]), begin) + 2;
    const head = `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${end - begin}\r\n\r\n`;
    parts.push(Buffer.concat([Buffer.from(head), data.subarray(begin, end), Buffer.from("\r\n")]));
    begin = end;
  }
  assertEquals(parts.length, 60);
  await using server = await startLiveServer("multipart/x-mixed-replace; boundary=frame", [
    ...parts,
    ...parts,
    ...parts,
    ...parts,
  ], 30);
  await using stream = new VideoStream(`${server.url}/video.mjpg`);
  assertLive(await look(stream, 10));
  assertEquals([stream.codec, stream.state], ["mjpeg", "streaming"]);
});

test("HTTP: a live FLV stream", SLOW, async () => {
  const file = await makeVideo({
    ...SMALL,
    name: "live",
    container: "flv",
    frames: 300,
    extra: ["-g", "15", "-flvflags", "no_duration_filesize"],
  });
  const data = await readFile(file);
  const size = Math.ceil(data.length / 300);
  const parts = Array.from({ length: 300 }, (_, i) => data.subarray(i * size, (i + 1) * size));
  await using server = await startLiveServer("video/x-flv", parts, 30);
  // Without sound libav waits five seconds for it, unless it is told not to.
  const ffmpeg = { format: { analyzeduration: 500_000 } };
  await using stream = new VideoStream(`${server.url}/live.flv`, { ffmpeg });
  assertLive(await look(stream, 10));
  assertEquals([stream.codec, stream.state], ["h264", "streaming"]);
});

test("HTTP: a finite HLS stream has every frame and an end", SLOW, async () => {
  const file = await countingVideo(45, { ...SMALL, keyInterval: 15 });
  await using directory = await TemporaryDirectory.make();
  const playlist = directory.file("index.m3u8");
  const hls = ["-f", "hls", "-hls_time", "0.5", "-hls_playlist_type", "vod"];
  await ffmpeg("-i", file, "-c", "copy", ...hls, playlist);
  await using server = await startFileServer(directory.path);
  const counters = await countersOf(`${server.url}/index.m3u8`);
  assertEquals(counters, Array.from({ length: 45 }, (_, i) => i));
  assert(server.requests.some((path) => path.endsWith(".ts")));
});

test("HTTP: a live HLS stream goes on after its first playlist", SLOW, async () => {
  const file = await countingVideo(150, { ...SMALL, keyInterval: 15 });
  await using directory = await TemporaryDirectory.make();
  const playlist = directory.file("index.m3u8");
  const hls = ["-f", "hls", "-hls_time", "0.5", "-hls_list_size", "20"];
  await ffmpeg("-i", file, "-c", "copy", ...hls, playlist);
  const segments = (await readFile(playlist, "utf8")).match(/#EXTINF.*\n.*\.ts\n/g) ?? [];
  assertEquals(segments.length, 10);
  const begin = performance.now();
  await using server = await startWebServer(async (request, response) => {
    if (!request.url?.endsWith(".m3u8")) {
      response.end(await readFile(directory.file(basename(request.url ?? ""))));
      return;
    }
    const known = Math.min(10, 3 + Math.floor((performance.now() - begin) / 500));
    const head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n";
    response.end(head + segments.slice(0, known).join(""));
  });
  await using stream = new VideoStream(`${server.url}/index.m3u8`, { format: "gray8" });
  const read = async () => {
    for await (const { data, width, height } of stream) {
      // The first three segments are 45 frames.
      if ((readCounter(data, width, height, 1) ?? 0) >= 60) break;
    }
  };
  await within("fourth segment", read());
  assertEquals([stream.state, stream.reconnectCount], ["streaming", 0]);
});

test(
  "HTTP: a finite MP4 file has every frame and an end, wherever its index is",
  SLOW,
  async () => {
    const file = await countingVideo(40, { ...SMALL, bframes: 2 });
    await using directory = await TemporaryDirectory.make();
    await ffmpeg("-i", file, "-c", "copy", "-movflags", "faststart", directory.file("front.mp4"));
    await using front = await startFileServer(directory.path);
    await using back = await startFileServer(dirname(file));
    const all = Array.from({ length: 40 }, (_, i) => i);
    assertEquals(await countersOf(`${front.url}/front.mp4`), all);
    assertEquals(await countersOf(`${back.url}/${basename(file)}`), all);
  },
);

test("MPEG-TS over UDP", SLOW, async () => {
  const url = `udp://127.0.0.1:${await freeUdpPort()}`;
  await using _publisher = await startPublisher(url, { ...SMALL, keyInterval: 5 });
  await using stream = new VideoStream(url);
  assertLive(await look(stream, 10));
  assertEquals([stream.codec, stream.state], ["h264", "streaming"]);
});
