/** Recordings of live streams: every packet as it came, in files that others can play. */

import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Recording, StreamError, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { type Camera, type CameraOptions, startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { Listener } from "../../support/listener.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { decode, type Probe, probe } from "../../support/probe.ts";
import { startScript } from "../../support/process.ts";
import { startPublisher } from "../../support/publish.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import {
  isRising,
  look,
  SLOW,
  SMALL,
  streamError,
  TemporaryDirectory,
  until,
  within,
} from "../reading.ts";

const FPS = 30;
const GOP = 10;
/** Pictures of the counting camera until it begins again. */
const TURN = 120;
const { width, height } = SMALL;
const LUMA = width * height;
const GENERATED: CameraOptions = { ...SMALL, keyInterval: GOP, pattern: "smpte" };

/** A camera whose pictures have numbers. */
async function countingCamera(options: { bframes?: number; port?: number } = {}): Promise<Camera> {
  const { bframes, port = 0 } = options;
  const file = await countingVideo(TURN, { ...SMALL, keyInterval: GOP, bframes });
  return startCamera({ file, port });
}

/** Runs a stream until it is told to end, so that its frames are taken. */
async function running(url: string, options: VideoStreamOptions = {}): Promise<VideoStream> {
  const stream = new VideoStream(url, options).start();
  await within("first frame", stream.ready);
  return stream;
}

const begun = (recording: Recording, files = 1) =>
  until(`${files} files`, () => recording.files.length >= files, 15_000);

/** How many pictures a file has: those of its recording's time. */
interface Span {
  readonly least: number;
  readonly most: number;
}

/** Counts what a stream decodes from now on, in parts that a recording has. */
function counting(stream: VideoStream) {
  const { decoded: first } = stream.stats();
  let [begin, end] = [NaN, NaN];
  return {
    /** The files have begun: waits for so many pictures, however long a busy camera takes. */
    async pass(pictures: number): Promise<void> {
      begin = stream.stats().decoded;
      await until(`${pictures} pictures`, () => stream.stats().decoded >= begin + pictures, 15_000);
      end = stream.stats().decoded;
    },
    /** The files are complete. */
    span: (): Span => ({ least: end - begin, most: stream.stats().decoded - first }),
  };
}

/** Records so many pictures into all of these, from the beginning of the files on. */
async function record(
  stream: VideoStream,
  paths: readonly string[],
  pictures: number,
): Promise<Span> {
  const count = counting(stream);
  const recordings = paths.map((path) => stream.record(path));
  await Promise.all(recordings.map((recording) => begun(recording)));
  await count.pass(pictures);
  await within("end of the recordings", Promise.all(recordings.map((one) => one.stop())));
  assertEquals(recordings.map(({ files }) => files), paths.map((path) => [path]));
  assert(recordings.every(({ active }) => !active));
  return count.span();
}

/** What a player says of a file. */
async function complaints(file: string): Promise<string> {
  const args = ["-nostdin", "-v", "error", "-i", file, "-f", "null", "-"];
  await using child = new Child("ffmpeg", args);
  const { code } = await within(`ffmpeg ${file}`, child.exited);
  return code === 0 ? child.stderr : `code ${code}: ${child.stderr}`;
}

interface Expected {
  codec?: string;
  span?: Span;
  order?: "reordered";
  height?: number;
}

/** A file that begins with a keyframe and can be played to its end. */
async function assertSound(path: string, expected: Expected = {}): Promise<Probe> {
  const file = await probe(path);
  const about = `${basename(path)}: ${JSON.stringify({ ...file, pictures: undefined })}`;
  assertEquals(
    [file.codec, file.width, file.height],
    [expected.codec ?? "h264", width, expected.height ?? height],
  );
  assert(file.pictures[0].key, `no keyframe first: ${about}`);
  const times = file.pictures.map(({ dts }) => dts).filter((dts) => !Number.isNaN(dts));
  // Matroska has no decoding times: FFmpeg works them out, but for the first ones.
  assertGreater(times.length, file.pictures.length - 4, about);
  assert(isRising(times), `${about} ${times.join(" ")}`);
  assertEquals(file.frames, file.pictures.length, about);
  assertEquals(await complaints(path), "", about);
  if (expected.order !== "reordered") {
    assert(isRising(file.pictures.map(({ pts }) => pts)), about);
  }
  if (expected.span !== undefined) {
    const { least, most } = expected.span;
    // What libav has collected while it looked at the stream comes at once, with latency "normal".
    assertGreater(file.frames, least - GOP, about);
    assertLess(file.frames, most + FPS, about);
  }
  // A picture is shown soon after it is decoded, from the first one on.
  const waits = file.pictures.map(({ pts, dts }) => pts - dts).filter((wait) =>
    !Number.isNaN(wait)
  );
  assertLess(Math.max(...waits), 0.3, `${about} ${waits.join(" ")}`);
  const shown = file.pictures.map(({ pts }) => pts).sort((a, b) => a - b);
  // As many as there is time for: nothing is missing, and no time is wrong.
  assertAlmostEquals(shown[shown.length - 1] - shown[0], (file.frames - 1) / FPS, 0.2, about);
  return file;
}

/** The numbers of the pictures in a recording of the counting camera. */
async function numbersOf(path: string): Promise<number[]> {
  const pictures = await decode(path, "gray", LUMA);
  return pictures.map((data, i) => {
    const number = readCounter(data, width, height, 1);
    assert(number !== undefined, `no number in picture ${i} of ${path}`);
    return number;
  });
}

/** Consecutive numbers, from the first one on. */
function assertUnbroken(numbers: readonly number[], what: string): void {
  assertGreater(numbers.length, 0, what);
  const expected = numbers.map((_, i) => (numbers[0] + i) % TURN);
  assertEquals(numbers, expected, what);
}

/** As {@linkcode assertUnbroken}, but pictures come in another order, and the end is anywhere. */
function assertUnbrokenToTheEnd(numbers: readonly number[], what: string): void {
  assertUnbroken(numbers.slice(0, -1), what);
}

const LATENCIES = ["lowest", "normal"] as const;

/** Runs these side by side, for the time that they take is that of the cameras. */
function each<T>(values: readonly T[], action: (value: T) => Promise<void>): Promise<unknown> {
  return Promise.all(values.map(action));
}

test("an H.264 camera in every container, with little latency and with more", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await each(LATENCIES, async (latency) => {
    await using camera = await countingCamera();
    await using stream = await running(camera.url, { latency });
    const names = ["mp4", "mkv", "ts", "mov", "flv"].map((name) => `${latency}.${name}`);
    const paths = names.map((name) => directory.file(name));
    const span = await record(stream, paths, FPS);
    assertEquals(camera.count("PLAY"), 1);
    await each(paths, async (path) => {
      await assertSound(path, { span });
      assertUnbroken(await numbersOf(path), path);
    });
    const frame = await within("frame", stream.next());
    assertEquals([frame.width, stream.reconnectCount], [width, 0]);
  });
});

const OTHERS = [
  { codec: "hevc", extensions: ["mp4", "mov", "mkv", "ts"] },
  { codec: "mjpeg", extensions: ["mkv", "avi", "mov"] },
] as const;
for (const { codec, extensions } of OTHERS) {
  test(`a camera of ${codec} in ${extensions.join(", ")}`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    // RFC 2435 has heights in steps of 8.
    const size = { width, height: codec === "mjpeg" ? 176 : height };
    await using camera = await startCamera({ ...GENERATED, ...size, codec });
    await using stream = await running(camera.url);
    const paths = extensions.map((extension) => directory.file(`film.${extension}`));
    const span = await record(stream, paths, FPS);
    await each(paths, (path) => assertSound(path, { codec, span, height: size.height }).then());
  });
}

test("pictures of four slices are recorded whole", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await each(LATENCIES, async (latency) => {
    await using camera = await startCamera({ ...GENERATED, slices: 4, pattern: "ball" });
    await using stream = await running(camera.url, { latency });
    const paths = ["mp4", "ts"].map((extension) => directory.file(`${latency}.${extension}`));
    const span = await record(stream, paths, FPS);
    for (const path of paths) await assertSound(path, { span });
  });
});

test("B-frames are recorded in order, and none is missing", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await each(LATENCIES, async (latency) => {
    await using camera = await countingCamera({ bframes: 2 });
    await using stream = await running(camera.url, { latency });
    const names = ["mp4", "mkv", "ts"].map((name) => `${latency}.${name}`);
    const paths = names.map((name) => directory.file(name));
    const span = await record(stream, paths, FPS);
    await each(paths, async (path) => {
      const { pictures } = await assertSound(path, { span, order: "reordered" });
      assert(!isRising(pictures.map(({ pts }) => pts)), "there are B-frames");
      assert(pictures.every(({ pts, dts }) => Number.isNaN(dts) || pts >= dts));
      assertUnbrokenToTheEnd(await numbersOf(path), path);
    });
  });
});

test("a live encoder's B-frames are recorded in order", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await startCamera({ ...GENERATED, bframes: 2 });
  await using stream = await running(camera.url);
  const path = directory.file("film.mp4");
  const span = await record(stream, [path], FPS);
  const { pictures } = await assertSound(path, { span, order: "reordered" });
  assert(!isRising(pictures.map(({ pts }) => pts)), "there are B-frames");
});

test("a recording after a pause without any begins at its own beginning", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera({ bframes: 2 });
  await using stream = await running(camera.url);
  const paths = ["first.mp4", "second.mp4"].map((name) => directory.file(name));
  for (const path of paths) {
    const span = await record(stream, [path], 2 * GOP);
    await assertSound(path, { span, order: "reordered" });
    assertUnbrokenToTheEnd(await numbersOf(path), path);
    await sleep(800);
  }
});

test("what is recorded is what was delivered, over one connection", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = new VideoStream(camera.url, { format: "yuv420p" });
  const path = directory.file("film.mkv");
  const recording = stream.record(path);
  const delivered = new Map<number, Uint8Array>();
  const read = async () => {
    for await (const { data } of stream) {
      if (recording.files.length === 0) continue;
      const number = readCounter(data.subarray(0, LUMA), width, height, 1);
      assert(number !== undefined);
      delivered.set(number, data.slice());
      if (delivered.size === 45) break;
    }
  };
  await within("45 frames", read());
  await within("end of the recording", recording.stop());
  assertEquals([camera.count("CONNECT"), camera.count("PLAY")], [1, 1]);
  const recorded = new Map<number, Uint8Array>();
  for (const picture of await decode(path, "yuv420p", LUMA * 3 / 2)) {
    recorded.set(readCounter(picture.subarray(0, LUMA), width, height, 1) ?? -1, picture);
  }
  // The last one may not have been complete.
  assertGreater([...delivered.keys()].filter((number) => recorded.has(number)).length, 42);
  for (const [number, data] of delivered) {
    const same = recorded.get(number);
    if (same) assertEquals(Buffer.compare(data, same), 0, `picture ${number}`);
  }
});

test(
  "a recording that is asked for before the start has the stream's beginning",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    await using camera = await countingCamera();
    await using stream = new VideoStream(camera.url);
    const path = directory.file("film.mp4");
    const recording = stream.record(path);
    assertEquals([stream.state, recording.active, recording.files], ["idle", true, []]);
    assertEquals(camera.count("CONNECT"), 0);
    stream.start();
    await begun(recording);
    await sleep(1_000);
    await within("end of the recording", recording.stop());
    await assertSound(path);
    const numbers = await numbersOf(path);
    assertUnbroken(numbers, path);
    // Of the first group of pictures, or of the next.
    assertLess(numbers[0], 3 * GOP);
  },
);

test("segments follow on each other at keyframes, in files with other names", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url);
  // All segments of a day want the same name.
  const templates = [
    { template: "cam-%Y%m%d-%H%M%S.mp4", name: /cam-\d{8}-\d{6}(-\d+)?\.mp4$/ },
    { template: "day-%Y%m%d.mkv", name: /day-\d{8}(-\d+)?\.mkv$/ },
  ];
  await each(templates, async ({ template, name }) => {
    const recording = stream.record(directory.file(template), { segment: 1_000 });
    await begun(recording, 3);
    await sleep(300);
    await within("end of the recording", recording.stop());
    const { files } = recording;
    assertEquals(files.length, 3);
    for (const file of files) assertMatch(file, name);
    if (template.startsWith("day")) assertMatch(files[2], /day-\d{8}-2\.mkv$/);
    const present = (await readdir(directory.path)).filter((one) => one[0] === template[0]);
    assertEquals(present.sort(), files.map((file) => basename(file)).sort());
    const numbers: number[] = [];
    for (const [index, file] of files.entries()) {
      const { frames, pictures } = await assertSound(file);
      assertAlmostEquals(pictures[0].pts, 0, 0.1);
      // Cut at the first keyframe after a second.
      if (index < files.length - 1) assertAlmostEquals(frames, FPS + GOP / 2, GOP / 2 + 5);
      numbers.push(...await numbersOf(file));
    }
    assertUnbroken(numbers, "all files together");
  });
});

test("B-frames are not lost where one segment ends and the next begins", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera({ bframes: 2 });
  await using stream = await running(camera.url);
  const recording = stream.record(directory.file("cam-%H%M%S.mkv"), { segment: 500 });
  await begun(recording, 3);
  await within("end of the recording", recording.stop());
  const numbers: number[] = [];
  for (const file of recording.files) numbers.push(...await numbersOf(file));
  assertUnbrokenToTheEnd(numbers, "all files together");
});

test("with a history a recording begins before it is asked for", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url, { history: { duration: 1_600 } });
  await sleep(2_200);
  const paths = ["all.mp4", "some.mkv", "none.mp4"].map((name) => directory.file(name));
  const recordings = [1_600, 800, 0].map((preEvent, i) => stream.record(paths[i], { preEvent }));
  const begin = performance.now();
  await sleep(700);
  await within("end", Promise.all(recordings.map((recording) => recording.stop())));
  const ms = performance.now() - begin;
  const gop = GOP / FPS * 1_000;
  // From the keyframe before the time on.
  const expected = [ms + 1_600 + gop / 2, ms + 800 + gop / 2, ms - gop / 2];
  for (const [i, path] of paths.entries()) {
    const { frames } = await assertSound(path);
    assertAlmostEquals(frames / FPS * 1_000, expected[i], gop / 2 + 200, path);
    assertUnbroken(await numbersOf(path), path);
  }
});

test("with a history, the past of a stream with B-frames is in order", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera({ bframes: 2 });
  await using stream = await running(camera.url, { history: { duration: 1_000 } });
  await sleep(1_500);
  const path = directory.file("film.mp4");
  const recording = stream.record(path, { preEvent: 1_000 });
  await sleep(500);
  await within("end", recording.stop());
  const { frames } = await assertSound(path, { order: "reordered" });
  assertGreater(frames, 1.4 * FPS);
  assertUnbrokenToTheEnd(await numbersOf(path), path);
});

test("without a history a recording begins at the next keyframe", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await startCamera({ ...GENERATED, keyInterval: 60 });
  await using stream = await running(camera.url);
  const path = directory.file("film.mp4");
  const begin = performance.now();
  const recording = stream.record(path, { preEvent: 5_000 });
  await begun(recording);
  await sleep(500);
  await within("end", recording.stop());
  const ms = performance.now() - begin;
  const { frames } = await assertSound(path);
  assertLess(frames, ms / 1_000 * FPS + 5);
  assertGreater(frames, 8);
});

test("a camera that comes back is recorded into another file", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using first = await countingCamera();
  await using stream = await running(first.url, { reconnect: { delay: 100 } });
  const path = directory.file("film.mp4");
  const recording = stream.record(path);
  await begun(recording);
  await sleep(1_000);
  await first.kill();
  await until("loss", () => !stream.isConnected);
  // It is whole as soon as the connection is gone.
  await until("reconnection", () => stream.reconnectCount > 0);
  await assertSound(path);
  assert(recording.active);
  await using second = await countingCamera({ port: first.port });
  await begun(recording, 2);
  await sleep(1_000);
  assert(recording.active);
  await within("end of the recording", recording.stop());
  assertEquals(recording.files, [path, directory.file("film-1.mp4")]);
  for (const file of recording.files) {
    const { frames } = await assertSound(file);
    assertGreater(frames, FPS / 2);
    assertUnbroken(await numbersOf(file), file);
  }
  assertEquals(second.count("PLAY"), 1);
});

const ENDLESS = fileURLToPath(new URL("../fixtures/record_endless.ts", import.meta.url));

test("recordings outlive the process that makes them", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await each(["mp4", "mov", "mkv"], async (extension) => {
    const path = directory.file(`film.${extension}`);
    await using child = startScript(ENDLESS, [camera.url, path]);
    const count = await child.until("70 frames", () => {
      const written = Number(child.stdout.trim().split("\n").at(-1));
      return written >= 70 ? written : undefined;
    });
    await child.kill();
    const numbers = await numbersOf(path);
    // One fragment is not there yet.
    assertGreater(numbers.length, count - FPS - 5);
    assertUnbroken(numbers, path);
    const { pictures, frames } = await probe(path);
    assert(pictures[0].key);
    assertEquals(frames, numbers.length);
  });
});

test("a directory that is missing ends the recording and not the stream", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url, { logger: silent() });
  const path = directory.file("missing/film.mp4");
  const recording = stream.record(path);
  const error = await streamError("end of the recording", recording.finished);
  assertArrayIncludes(["NOT_FOUND", "WRITE_FAILED"], [error.code], error.message);
  assertEquals(error.operation, "write");
  assert(error.message.includes(path), error.message);
  assertEquals([recording.active, recording.files], [false, []]);
  assert(await streamError("stop", recording.stop()) === error);
  assertEquals((await look(stream, 10)).length, 10);
  assertEquals([stream.state, stream.reconnectCount], ["streaming", 0]);
  assertEquals([stream.lastError, camera.count("PLAY")], [undefined, 1]);
  // Another one is not disturbed.
  const fine = directory.file("film.mp4");
  await record(stream, [fine], GOP);
  await assertSound(fine);
});

test("a container that does not take the codec ends the recording", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await startCamera({ ...GENERATED, codec: "mjpeg" });
  await using stream = await running(camera.url, { logger: silent() });
  const recording = stream.record(directory.file("film.flv"));
  const error = await streamError("end of the recording", recording.finished);
  assertEquals([recording.active, error.operation], [false, "write"], error.message);
  assertEquals((await look(stream, 5)).length, 5);
  assertEquals(stream.state, "streaming");
});

test("a file that is there is not replaced", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url);
  const path = directory.file("film.mp4");
  await writeFile(path, "precious");
  // Two at once that want the same name get two files.
  const recordings = [stream.record(path), stream.record(path)];
  await Promise.all(recordings.map((recording) => begun(recording)));
  await sleep(500);
  await within("end", Promise.all(recordings.map((recording) => recording.stop())));
  const files = recordings.flatMap((recording) => recording.files);
  assertEquals(files.sort(), ["film-1.mp4", "film-2.mp4"].map((name) => directory.file(name)));
  for (const file of files) await assertSound(file);
  assertEquals(await readFile(path, "utf8"), "precious");
});

test("the end of the stream completes the files", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url);
  const paths = ["film.mp4", "film.mkv"].map((name) => directory.file(name));
  const count = counting(stream);
  const recordings = paths.map((path) => stream.record(path));
  await Promise.all(recordings.map((recording) => begun(recording)));
  await count.pass(FPS);
  await within("end of the stream", stream.stop());
  await within("end", Promise.all(recordings.map(({ finished }) => finished)));
  assert(recordings.every(({ active }) => !active));
  for (const path of paths) {
    await assertSound(path, { span: count.span() });
    assertUnbroken(await numbersOf(path), path);
  }
  const error = assertThrows(() => stream.record(directory.file("late.mp4")), StreamError);
  assertEquals(error.code, "CLOSED");
});

test("a recording without a picture ends without a file", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  // Nobody has started it.
  await using idle = new VideoStream("rtsp://127.0.0.1:1/stream");
  const [own, streams] = [idle.record(path), idle.record(path)];
  await within("end of the recording", own.stop());
  assertEquals([own.active, own.files, streams.active], [false, [], true]);
  await within("end of the stream", idle.stop());
  await within("end of the recording", streams.finished);
  assertEquals([streams.active, streams.files], [false, []]);
  assertEquals(await readdir(directory.path), []);
});

test("a recording of a camera that does not answer ends when it is told to", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using mute = await new Listener(() => {}).listen();
  await using stream = new VideoStream(mute.url, { openTimeout: 3_000, logger: silent() }).start();
  const [own, streams] = ["a.mp4", "b.mp4"].map((name) => stream.record(directory.file(name)));
  await until("connection", () => mute.connections > 0);
  await within("end of the recording", own.stop());
  assertEquals([own.active, own.files, stream.state], [false, [], "connecting"]);
  await within("end of the stream", stream.stop());
  await within("end of the recording", streams.finished);
  assertEquals([streams.active, await readdir(directory.path)], [false, []]);
});

test("an RTMP stream is recorded", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using server = await startRtmpServer();
  const url = server.url("camera");
  await using publisher = await startPublisher(url, { ...SMALL, keyInterval: GOP });
  await using stream = await running(url);
  const paths = ["film.mp4", "film.flv"].map((name) => directory.file(name));
  const span = await record(stream, paths, FPS);
  for (const path of paths) await assertSound(path, { span });
  assert(publisher.running);
});

test("a container that the name does not tell", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url);
  const path = directory.file("a film, with 100 %% of #everything?");
  const recording = stream.record(path, { container: "mpegts" });
  await begun(recording);
  await sleep(500);
  await recording[Symbol.asyncDispose]();
  const [file] = recording.files;
  assertEquals(basename(file), "a film, with 100 % of #everything?");
  assertEquals((await probe(`file:${file}`)).container, "mpegts");
});

function silent() {
  const none = () => {};
  return { debug: none, info: none, warn: none, error: none };
}
