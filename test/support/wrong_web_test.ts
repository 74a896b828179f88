/** The wrong web server's habits, and the files that have a property. */

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { test } from "node:test";
import { Child } from "./child.ts";
import * as elementary from "./elementary.ts";
import * as odd from "./odd_files.ts";
import { loadFootage } from "./wrong_camera.ts";
import { splitNalUnits } from "./wrong_camera/annex_b.ts";
import { startWrongWeb } from "./wrong_web.ts";
import { directory, file } from "./wrong_web/files.ts";
import { liveFlv, liveHls } from "./wrong_web/live.ts";
import { multipart } from "./wrong_web/multipart.ts";

/** An answer as it comes, of which no client has made anything. */
function raw(port: number, path: string, ms: number, headers = ""): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const request = `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, ms);
    socket.setEncoding("latin1").on("data", (data) => text += data).on("end", done);
  });
}

async function ffprobe(url: string, entries: string, ...options: string[]): Promise<string> {
  const how = ["-v", "error", "-show_entries", entries, "-of", "default=nw=1", ...options, url];
  await using child = new Child("ffprobe", how);
  const { code } = await child.exited;
  assert.equal(code, 0, child.stderr);
  return child.stdout;
}

/** How many pictures the ffmpeg command decodes in a time. */
async function count(url: string, ...options: string[]): Promise<number> {
  const output = "-fps_mode passthrough -f framemd5 -".split(" ");
  await using child = new Child("ffmpeg", [
    ...["-nostdin", "-v", "error", ...options, "-i", url, ...output],
  ]);
  await child.exited;
  return child.stdout.split("\n").filter((line) => /^\d/.test(line)).length;
}

test("multipart: types, boundaries, lengths, rate, as asked", async () => {
  const pictures = await odd.jpegs();
  await using web = await startWrongWeb({
    "/plain": multipart(pictures, { pictures: 3 }),
    "/jpg": multipart(pictures, { pictures: 3, type: "image/jpg" }),
    "/parameters": multipart(pictures, { pictures: 3, type: "image/jpeg; charset=binary" }),
    "/first": multipart(pictures, { pictures: 3, firstBoundary: false }),
    "/bare": multipart(pictures, { pictures: 3, type: false, length: false }),
    "/chunked": multipart(pictures, { pictures: 3, chunked: true, lineFeeds: true }),
    "/slow": multipart(pictures, { fps: 2, headers: { "X-Timestamp": "1" } }),
    "/endless": multipart(pictures),
  });
  const get = (path: string) => raw(web.port, path, 1_200);
  const [plain, jpg, parameters, first, bare, chunked, slow] = await Promise.all(
    ["/plain", "/jpg", "/parameters", "/first", "/bare", "/chunked", "/slow"].map(get),
  );
  const body = (text: string) => text.slice(text.indexOf("\r\n\r\n") + 4);
  const parts = (text: string) => body(text).split("--frame").length - 1;
  assert.match(
    plain!,
    /^HTTP\/1\.1 200 OK\r\nContent-Type: multipart\/x-mixed-replace; boundary=fra/,
  );
  assert.match(
    body(plain!),
    /^--frame\r\nContent-Type: image\/jpeg\r\nContent-Length: \d+\r\n\r\n\xff/,
  );
  assert.equal(parts(plain!), 3);
  assert.match(body(jpg!), /^--frame\r\nContent-Type: image\/jpg\r\n/);
  assert.match(body(parameters!), /Content-Type: image\/jpeg; charset=binary\r\n/);
  assert.match(body(first!), /^Content-Type/);
  assert.equal(parts(first!), 2);
  assert.match(body(bare!), /^--frame\r\n\r\n\xff\xd8/);
  assert.match(body(chunked!), /^[\da-f]+\r\n--frame\nContent-Type/);
  assert.match(chunked!, /Transfer-Encoding: chunked/);
  assert.ok(parts(slow!) >= 2 && parts(slow!) <= 4, `${parts(slow!)}`);
  assert.match(slow!, /X-Timestamp: 1/);
  assert.ok(await count(web.at("/endless"), "-f", "mpjpeg", "-t", "0.5") >= 10);
});

test("files: ranges or none, lengths, chunks, an answer that breaks off", async () => {
  const ts = await odd.lateStart();
  const { size } = await stat(ts);
  await using web = await startWrongWeb({
    "/ranges.ts": file(ts),
    "/plain.ts": file(ts, { ranges: false }),
    "/chunked.ts": file(ts, { ranges: false, framing: "chunked" }),
    "/close.ts": file(ts, { framing: "close" }),
    "/broken.ts": file(ts, { breakAt: 20_000 }),
    "/slow.ts": file(ts, { bytesPerSecond: 20_000 }),
  });
  const range = "Range: bytes=100-199\r\n";
  const get = (path: string, headers = "") => raw(web.port, path, 1_000, headers);
  const length = (text: string) => text.length - text.indexOf("\r\n\r\n") - 4;
  const [part, whole, chunked, close, broken, again, slow, none] = [
    await get("/ranges.ts", range),
    await get("/plain.ts", range),
    await get("/chunked.ts"),
    await get("/close.ts"),
    await get("/broken.ts"),
    await get("/broken.ts"),
    await get("/slow.ts"),
    await get("/nothing"),
  ];
  assert.match(part, new RegExp(`^HTTP/1.1 206 .*Content-Range: bytes 100-199/${size}\r\n`, "s"));
  assert.equal(length(part), 100);
  assert.match(whole, new RegExp(`^HTTP/1.1 200 .*Content-Length: ${size}\r\n`, "s"));
  assert.doesNotMatch(whole, /Accept-Ranges/);
  assert.match(chunked, /Transfer-Encoding: chunked.*\r\n0\r\n\r\n$/s);
  assert.doesNotMatch(close, /Content-Length|chunked/);
  assert.deepEqual([whole, close, broken, again].map(length), [size, size, 20_000, size]);
  assert.ok(length(slow) < 60_000 && length(slow) > 10_000, `${length(slow)}`);
  assert.match(none, /^HTTP\/1\.1 404/);
  for (const path of ["/ranges.ts", "/plain.ts", "/chunked.ts", "/close.ts"]) {
    assert.equal(await count(web.at(path)), 50, path);
  }
});

test("live: FLV without an end, HLS with and without one, packed sound", async () => {
  const flv = await odd.flvWithDuration();
  const plain = await odd.hls();
  const packed = await odd.hlsPackedAac();
  await using web = await startWrongWeb({
    "/cam.flv": liveFlv(flv, { hangUpAfter: 3_000 }),
    "/vod/": directory(plain),
    "/live/": liveHls(plain),
    "/packed/": directory(packed),
  });
  const begin = performance.now();
  const [tags, duration, live, sound, vod] = await Promise.all([
    count(web.at("/cam.flv")),
    ffprobe(web.at("/cam.flv"), "format=duration"),
    count(web.at("/live/index.m3u8"), "-t", "2"),
    ffprobe(web.at("/packed/master.m3u8"), "stream=codec_name"),
    count(web.at("/vod/master.m3u8")),
  ]);
  assert.ok(performance.now() - begin > 2_900, "it is live");
  assert.ok(tags > 60 && tags < 80, `${tags}`);
  assert.match(duration, /duration=2\./);
  assert.ok(live >= 45, `${live}`);
  assert.equal(vod, 150);
  assert.match(sound, /h264.*aac/s);
  const first = await readFile(`${packed}/a1.aac`);
  assert.equal(first.toString("latin1", 0, 3), "ID3");
  const playlist = await raw(web.port, "/live/index.m3u8", 1_000);
  assert.match(playlist, /MEDIA-SEQUENCE:[1-9]/);
  assert.doesNotMatch(playlist, /ENDLIST/);
});

test("files that have a property: start, jump, matrix, pixel shape, alpha, sizes", async () => {
  const times = async (path: string) =>
    (await ffprobe(path, "packet=pts_time")).trim().split("\n").map((line) =>
      Number(line.slice(9))
    );
  assert.ok(Math.abs(Math.min(...await times(await odd.lateStart())) - 1.4) < 0.1);
  const jump = await times(await odd.timeJump());
  assert.ok(Math.max(...jump) > 3_600 && Math.min(...jump) < 2);
  for (const degrees of [90, 180, 270] as const) {
    const seen = await ffprobe(await odd.rotated(degrees), "stream_side_data=rotation");
    const rotation = Number(/rotation=(.*)/.exec(seen)?.[1]);
    // FFmpeg turns the other way round.
    assert.equal((rotation + 360) % 360, 360 - degrees);
  }
  const shape = await ffprobe(await odd.anamorphic(), "stream=sample_aspect_ratio");
  assert.match(shape, /16:11/);
  assert.match(await ffprobe(await odd.transparentPng(), "stream=pix_fmt"), /rgba/);
  const [large, small] = await Promise.all([odd.snapshot("large"), odd.snapshot("small")]);
  assert.ok((await stat(large)).size > 10_000 && (await stat(small)).size < 2_000);
});

test("elementary streams: where keyframes and recovery points are", async () => {
  const keyframes = async (path: string) =>
    (await loadFootage(path)).pictures.flatMap(({ keyframe }, i) => keyframe ? [i] : []);
  assert.deepEqual(await keyframes(await elementary.cameraH264()), [0, 25, 50, 75]);
  assert.deepEqual(await keyframes(await elementary.cameraHevc()), [0, 25, 50, 75]);
  assert.deepEqual(await keyframes(await elementary.longGop()), [0, 300]);
  const refreshed = await elementary.intraRefresh();
  assert.deepEqual(await keyframes(refreshed), [0]);
  // SEI (6) whose payload type is 6: a recovery point (H.264, D.1.8).
  const units = splitNalUnits(await readFile(refreshed));
  assert.ok(units.filter((unit) => (unit[0]! & 0x1f) === 6 && unit[1] === 6).length >= 5);
  const slices = (await loadFootage(await elementary.sliced(4))).pictures[1]!.units;
  assert.equal(slices.filter((unit) => (unit[0]! & 0x1f) === 1).length, 4);
  const detailed = (await loadFootage(await elementary.detailed())).pictures[60]!.units;
  assert.ok(
    detailed.filter((unit) => (unit[0]! & 0x1f) === 1 && unit.length > 2 * 1400).length === 4,
  );
  assert.equal((await loadFootage(await elementary.cameraMjpeg())).pictures.length, 100);
});
