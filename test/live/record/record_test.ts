/** Recordings of live streams: every packet as it came, in files that others can play. */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { isRising } from "../../support/numbers.ts";
import { readCounter } from "../../support/patterns.ts";
import { decode, probe } from "../../support/probe.ts";
import { until, within } from "../../support/waiting.ts";
import { GRAY, SLOW, TemporaryDirectory } from "../reading.ts";
import {
  assertSound,
  assertUnbroken,
  assertUnbrokenToTheEnd,
  begun,
  countingCamera,
  each,
  FPS,
  GENERATED,
  GOP,
  height,
  LUMA,
  numbersOf,
  record,
  running,
  width,
} from "./recordings.ts";

const LATENCIES = ["lowest", "normal"] as const;

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
    await each(paths, async (path) => {
      const { tag } = await assertSound(path, { codec, span, height: size.height });
      // Apple's players take no other.
      if (codec === "hevc" && /\.m(p4|ov)$/.test(path)) assertEquals(tag, "hvc1", path);
    });
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
  assertEquals(basename(file!), "a film, with 100 % of #everything?");
  assertEquals((await probe(`file:${file}`)).container, "mpegts");
});

test(
  "all recordings asked for before the start have a file from its first picture on",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const file = await makeVideo({ name: "short", frames: 30, extra: ["-g", "5"] });
    await using stream = new VideoStream(file, GRAY);
    const paths = ["a.mp4", "b.mkv", "c.ts", "d.mov"].map((name) => directory.file(name));
    const recordings = paths.map((path) => stream.record(path));
    for await (const _ of stream);
    await within("end", Promise.all(recordings.map(({ finished }) => finished)));
    for (const path of paths) assertEquals((await probe(path)).frames, 30, path);
  },
);

test(
  "VP9 and Theora over RTSP are recorded, whose packets libav calls no keyframes",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const source = "videotestsrc is-live=true ! video/x-raw,width=160,height=96,framerate=15/1";
    const encoders = {
      vp9: "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=15 ! rtpvp9pay",
      theora: "theoraenc keyframe-force=15 ! rtptheorapay",
    };
    await each(Object.entries(encoders), async ([codec, encoder]) => {
      await using camera = await startCamera({
        launch: `( ${source} ! ${encoder} name=pay0 pt=96 )`,
      });
      await using stream = await running(camera.url);
      const recording = stream.record(directory.file(`${codec}.mkv`));
      await begun(recording);
      await until("packets", () => recording.stats().packets > 15, 20_000);
      await within("end of the recording", recording.stop());
      const file = await probe(recording.files[0]!);
      assertEquals([file.codec, file.width, file.height], [codec, 160, 96]);
      assertGreater(file.frames, 15);
      assert(isRising(file.pictures.map(({ pts }) => pts)), codec);
    });
  },
);
