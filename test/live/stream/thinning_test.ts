/** Less than every picture: what is not decoded, not converted and not delivered, and in what order. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertLessOrEqual,
} from "@std/assert";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Frame, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { type Camera, type CameraOptions, startCamera } from "../../support/camera.ts";
import { makeVideo, resolutionChange } from "../../support/media.ts";
import { colourBars, colourPatches, countingVideo, readCounter } from "../../support/patterns.ts";
import { median } from "../../support/statistics.ts";
import {
  assertColour,
  AT_ONCE,
  ffmpeg,
  isRising,
  SLOW,
  SMALL,
  TemporaryDirectory,
  until,
  within,
} from "../reading.ts";

const GRAY = { format: "gray8" } as const;
/** Milliseconds, of the cameras here. */
const FRAME_TIME = 1000 / 30;

interface Rig extends AsyncDisposable {
  readonly camera: Camera;
  readonly stream: VideoStream;
}

/** A camera and a stream whose rate is known by now. */
async function startRig(options: VideoStreamOptions, recipe: CameraOptions = {}): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const camera = stack.use(await startCamera({ ...SMALL, keyInterval: 15, ...recipe }));
  const stream = stack.use(new VideoStream(camera.url, { ffmpeg: AT_ONCE, ...options }).start());
  await within("ready", stream.ready);
  await until("the rate", () => stream.stats().decoded > 20);
  const owned = stack.move();
  return { camera, stream, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Epoch milliseconds by the clock that frames have. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function steps(numbers: readonly number[]): number[] {
  return numbers.slice(1).map((number, i) => number - numbers[i]);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function checksum(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Pictures that were made into frames. */
function converted(stream: VideoStream): number {
  const { decoded, dropped } = stream.stats();
  return decoded - dropped.unwanted - dropped.maxFps;
}

function counter({ index, data, width, height, channels }: Frame): number {
  const number = readCounter(data, width, height, channels);
  assert(number !== undefined, `no number in frame ${index}`);
  return number;
}

/** Something of each frame of a stream: of so many, or of all to its end. */
async function each<T>(stream: VideoStream, what: (frame: Frame) => T, count = Infinity) {
  const all: T[] = [];
  const read = async () => {
    for await (const frame of stream) {
      all.push(what(frame));
      if (all.length === count) break;
    }
  };
  await within(`frames of ${stream.url}`, read(), 30_000);
  return all;
}

async function ofFile<T>(file: string, options: VideoStreamOptions, what: (frame: Frame) => T) {
  await using stream = new VideoStream(file, options);
  return { all: await each(stream, what), stats: stream.stats() };
}

for (const latency of ["lowest", "normal"] as const) {
  test(`maxFps: 10 of 30 frames of a camera are every third (${latency})`, SLOW, async () => {
    await using rig = await startRig({ latency, maxFps: 10 });
    const { stream } = rig;
    const seen = await each(stream, ({ index, pts }) => ({ index, pts: pts ?? NaN }), 25);
    const gaps = steps(seen.map(({ index }) => index));
    // A loop that was held up has skipped frames of those.
    assert(gaps.every((gap) => gap > 0 && gap % 3 === 0), gaps.join(" "));
    assertEquals(median(gaps), 3, gaps.join(" "));
    const span = seen[24].pts - seen[0].pts;
    assertAlmostEquals(span / (seen[24].index - seen[0].index), 1 / 30, 0.002);
    // All of them are decoded, and this is the rate that is told.
    assertAlmostEquals(stream.fps ?? NaN, 30, 1);
    assertAlmostEquals(stream.stats().fps ?? NaN, 30, 3);
    const { corrupt, unwanted } = stream.stats().dropped;
    assertEquals([corrupt, unwanted], [0, 0]);
    await stream.stop();
    const { decoded, dropped } = stream.stats();
    assertGreater(decoded, seen[24].index);
    assertAlmostEquals(decoded - dropped.maxFps, decoded / 3, 2);
  });
}

test("maxFps: 20 of 30 frames of a camera are two of three", SLOW, async () => {
  await using rig = await startRig({ maxFps: 20 });
  const indexes = await each(rig.stream, ({ index }) => index, 40);
  // One of the three is never there, however many the loop has skipped.
  const missing = [0, 1, 2].filter((rest) => !indexes.some((index) => index % 3 === rest));
  assertEquals(missing.length, 1, indexes.join(" "));
  assertEquals(new Set(steps(indexes).slice(0, 10)).has(1), true, indexes.join(" "));
});

test("maxFps: a rate that the camera does not have leaves nothing out", SLOW, async () => {
  await using rig = await startRig({ maxFps: 31 });
  await each(rig.stream, ({ index }) => index, 40);
  assertEquals(rig.stream.stats().dropped.maxFps, 0);
});

for (const bframes of [0, 2]) {
  test(`maxFps: frames of a file are picked evenly (${bframes} B-frames)`, SLOW, async () => {
    const file = await countingVideo(90, { ...SMALL, bframes });
    const third = await ofFile(file, { ...GRAY, maxFps: 10 }, counter);
    assertEquals(third.all, upTo(30).map((i) => i * 3));
    assertEquals([third.stats.decoded, third.stats.dropped.maxFps], [90, 60]);

    const half = await ofFile(file, { ...GRAY, maxFps: 15 }, ({ index }) => index);
    assertEquals(half.all, upTo(45).map((i) => i * 2));

    const odd = await ofFile(file, { ...GRAY, maxFps: 7 }, counter);
    const gaps = steps(odd.all);
    assert(gaps.every((gap) => gap === 4 || gap === 5), gaps.join(" "));
    assertAlmostEquals(odd.all.length, 21, 1);

    // A frame may come a tenth of its time early, once and for all.
    const few = await ofFile(file, { ...GRAY, maxFps: 1 }, counter);
    const [first, ...rest] = steps(few.all);
    assert(first >= 27 && first <= 30, few.all.join(" "));
    assert(rest.length > 0 && rest.every((gap) => gap === 30), few.all.join(" "));

    const all = await ofFile(file, { ...GRAY, maxFps: 30 }, counter);
    assertEquals(all.all, upTo(90));
    assertEquals(all.stats.dropped.maxFps, 0);
  });
}

test("maxFps: a file's own times count, not its frames", SLOW, async () => {
  // One second with 30 frames, then two with 10 each.
  const file = await makeVideo({
    ...SMALL,
    name: "uneven",
    source: `testsrc2=size=320x180:rate=30,select='lt(n,30)+not(mod(n,3))'`,
    frames: 50,
    extra: ["-fps_mode", "passthrough"],
  });
  const { all, stats } = await ofFile(file, { ...GRAY, maxFps: 10 }, ({ pts }) => pts ?? NaN);
  assertEquals(stats.decoded, 50);
  assertEquals(all.length, 30);
  all.forEach((pts, i) => assertAlmostEquals(pts - all[0], i / 10, 0.001));
});

/** How long before they were asked for the frames of a loop arrived that takes its time. */
async function agesInLoop(stream: VideoStream, turns: number): Promise<number[]> {
  const ages: number[] = [];
  const loop = async () => {
    let asked = now();
    for await (const { arrivalTime } of stream) {
      ages.push(asked - arrivalTime);
      if (ages.length === turns) break;
      await sleep(200);
      asked = now();
    }
  };
  await within("slow loop", loop(), 30_000);
  return ages;
}

async function agesOfNext(stream: VideoStream, turns: number): Promise<number[]> {
  const ages: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const asked = now();
    const { arrivalTime } = await within("frame", stream.next());
    ages.push(asked - arrivalTime);
    await sleep(200);
  }
  return ages;
}

const SLOW_READERS = { "a loop": agesInLoop, "next()": agesOfNext };
for (const [name, agesOf] of Object.entries(SLOW_READERS)) {
  for (const latency of ["lowest", "normal"] as const) {
    test(
      `on-demand: ${name} that takes its time gets fresh frames (${latency})`,
      SLOW,
      async () => {
        await using rig = await startRig({ latency, convert: "on-demand" });
        const { stream } = rig;
        const before = stream.stats();
        const ages = await agesOf(stream, 12);
        assert(ages.every((age) => age < 2 * FRAME_TIME), ages.join(" "));
        const after = stream.stats();
        const decoded = after.decoded - before.decoded;
        const unwanted = after.dropped.unwanted - before.dropped.unwanted;
        assertGreater(decoded, 60);
        assertGreater(unwanted, decoded / 2);
        assertLess(unwanted, decoded - 10);
      },
    );
  }
}

test("on-demand: a loop that is in time gets every frame", SLOW, async () => {
  await using rig = await startRig({ convert: "on-demand" });
  const indexes = await each(rig.stream, ({ index }) => index, 60);
  assert(isRising(indexes), indexes.join(" "));
  const skipped = indexes[59] - indexes[0] - 59;
  assertLess(skipped, 12, indexes.join(" "));
});

test(
  "on-demand: read() five times a second costs few pictures and finds new ones",
  SLOW,
  async () => {
    await using rig = await startRig({ convert: "on-demand" });
    const { stream } = rig;
    const ages: number[] = [];
    const indexes: number[] = [];
    let before = stream.stats();
    const begin = performance.now();
    for (let turn = 1; turn <= 25; turn++) {
      const frame = stream.read();
      assert(frame);
      // By then it is known how often it is read.
      if (turn === 5) before = stream.stats();
      if (turn > 5) {
        ages.push(frame.age);
        indexes.push(frame.index);
      }
      await sleep(Math.max(1, begin + turn * 200 - performance.now()));
    }
    assertLess(median(ages), 2 * FRAME_TIME, ages.join(" "));
    assertEquals(median(steps(indexes)), 6, indexes.join(" "));
    const after = stream.stats();
    const decoded = after.decoded - before.decoded;
    const unwanted = after.dropped.unwanted - before.dropped.unwanted;
    assertGreater(decoded, 80);
    assertGreater(unwanted, decoded / 2);
  },
);

test("on-demand: while nobody reads, about one picture a second is converted", SLOW, async () => {
  await using rig = await startRig({ convert: "on-demand" });
  const { stream } = rig;
  const begin = { converted: converted(stream), decoded: stream.stats().decoded };
  await sleep(4_000);
  const pictures = converted(stream) - begin.converted;
  assertGreater(stream.stats().decoded - begin.decoded, 100);
  assert(pictures >= 2 && pictures <= 7, `${pictures} pictures`);
  // That is what the first read() has at once.
  const frame = stream.read();
  assert(frame);
  assertLess(frame.age, 2_500);
  assertEquals(frame.data.length, 320 * 180 * 3);
});

test("on-demand: a reader that has gone is not converted for", SLOW, async () => {
  await using rig = await startRig({ convert: "on-demand" });
  const { stream } = rig;
  await each(stream, ({ index }) => index, 20);
  const begin = { converted: converted(stream), decoded: stream.stats().decoded };
  await sleep(3_000);
  const pictures = converted(stream) - begin.converted;
  assertGreater(stream.stats().decoded - begin.decoded, 60);
  assertLessOrEqual(pictures, 6);
});

test("on-demand: with maxFps a loop gets no more than that", SLOW, async () => {
  await using rig = await startRig({ convert: "on-demand", maxFps: 10 });
  const times = await each(rig.stream, ({ pts }) => pts ?? NaN, 20);
  const gaps = steps(times);
  assert(gaps.every((gap) => gap > 0.085), gaps.join(" "));
  assertLess(median(gaps), 0.15, gaps.join(" "));
});

test("on-demand: every frame of a file is given all the same", SLOW, async () => {
  const file = await countingVideo(60, { ...SMALL, bframes: 2 });
  await using stream = new VideoStream(file, { ...GRAY, convert: "on-demand" });
  const counters: number[] = [];
  const loop = async () => {
    for await (const frame of stream) {
      counters.push(counter(frame));
      if (frame.index % 10 === 0) await sleep(50);
    }
  };
  await within("end of the file", loop());
  assertEquals(counters, upTo(60));
  assertEquals(stream.stats().dropped.unwanted, 0);

  await using paced = new VideoStream(file, { ...GRAY, convert: "on-demand", pace: true });
  assertEquals(await each(paced, counter), upTo(60));
});

test("on-demand: snapshot() has the newest picture while nobody reads", SLOW, async () => {
  const count = 300;
  const file = await countingVideo(count, { ...SMALL, keyInterval: 15 });
  await using rig = await startRig({ convert: "on-demand" }, { file });
  const { stream } = rig;
  await using directory = await TemporaryDirectory.make();
  const first = await within("frame", stream.next());
  const ahead = counter(first) - first.index;
  for (let turn = 0; turn < 4; turn++) {
    await sleep(1_300);
    const { decoded } = stream.stats();
    const image = await within("snapshot", stream.snapshot());
    const range = [decoded - 2, stream.stats().decoded];
    const [jpeg, raw] = [directory.file("image.jpg"), directory.file("image.gray")];
    await writeFile(jpeg, image);
    await ffmpeg("-i", jpeg, "-f", "rawvideo", "-pix_fmt", "gray", raw);
    const number = readCounter(await readFile(raw), SMALL.width, SMALL.height, 1);
    assert(number !== undefined, "no number in the snapshot");
    // The camera counts from 0 again and again.
    const indexes = upTo(range[1] - range[0] + 1).map((i) => range[0] + i);
    const numbers = indexes.map((index) => (index + ahead) % count);
    assert(numbers.includes(number), `${number} is not in ${numbers}`);
  }
  assertLess(converted(stream), stream.stats().decoded / 5);
});

test("skip nonkey: a file's keyframes and nothing else", SLOW, async () => {
  for (const bframes of [0, 2]) {
    const file = await countingVideo(60, { ...SMALL, bframes, keyInterval: 10 });
    const { all } = await ofFile(
      file,
      { ...GRAY, decode: { skip: "nonkey" } },
      (frame) => ({ number: counter(frame), index: frame.index, keyframe: frame.keyframe }),
    );
    assertEquals(all, upTo(6).map((i) => ({ number: i * 10, index: i, keyframe: true })));
  }
});

const LIVE: { codec: "h264" | "hevc"; latency: "lowest" | "normal" }[] = [
  { codec: "h264", latency: "lowest" },
  { codec: "h264", latency: "normal" },
  { codec: "hevc", latency: "lowest" },
  { codec: "hevc", latency: "normal" },
];
for (const { codec, latency } of LIVE) {
  test(`skip nonkey: keyframes of a camera with ${codec} (${latency})`, SLOW, async () => {
    await using camera = await startCamera({
      ...SMALL,
      codec,
      keyInterval: 6,
      pattern: "solid-color",
      foreground: 0xff30c070,
    });
    await using stream = new VideoStream(camera.url, { latency, decode: { skip: "nonkey" } });
    const seen = await each(stream, (frame) => {
      for (const x of [20, 160, 300]) {
        for (const y of [10, 90, 170]) assertColour(frame, { x, y }, [0x30, 0xc0, 0x70], 12);
      }
      return { keyframe: frame.keyframe, index: frame.index, pts: frame.pts ?? NaN };
    }, 10);
    assertEquals(seen.filter(({ keyframe }) => !keyframe), []);
    assert(isRising(seen.map(({ index }) => index)));
    const gaps = steps(seen.map(({ pts }) => pts * 5));
    // A fifth of a second, or a multiple of it; a viewer that joins may be given one of its own.
    assert(gaps.slice(2).every((gap) => Math.abs(gap - Math.round(gap)) < 0.05), gaps.join(" "));
    assert(gaps.slice(2).every((gap) => gap > 0.9), gaps.join(" "));
    const { decoded, packets } = stream.stats();
    assertLess(decoded, packets / 2);
    assertEquals(stream.reconnectCount, 0);
  });
}

test("skip nonref: what others refer to is given, in order", SLOW, async () => {
  const file = await countingVideo(90, { ...SMALL, bframes: 2 });
  const options = { ...GRAY, decode: { skip: "nonref" } } as const;
  const { all, stats } = await ofFile(
    file,
    options,
    (frame) => ({ number: counter(frame), pts: frame.pts ?? NaN, corrupt: frame.corrupt }),
  );
  const numbers = all.map(({ number }) => number);
  assert(isRising(numbers), numbers.join(" "));
  assert(isRising(all.map(({ pts }) => pts)));
  assertGreater(numbers.length, 25);
  assertLess(numbers.length, 70);
  assertEquals(numbers[0], 0);
  all.forEach(({ number, pts }) => assertAlmostEquals(pts - all[0].pts, number / 30, 0.001));
  assertEquals(all.filter(({ corrupt }) => corrupt), []);
  assertEquals(stats.decoded, numbers.length);
  // They are the same pictures.
  const sums = await ofFile(file, GRAY, ({ data }) => checksum(data));
  const kept = await ofFile(file, options, ({ data }) => checksum(data));
  assertEquals(kept.all, numbers.map((number) => sums.all[number]));
});

test("skip nonref: all pictures of a file without B-frames", SLOW, async () => {
  const file = await countingVideo(60, SMALL);
  const { all } = await ofFile(file, { ...GRAY, decode: { skip: "nonref" } }, counter);
  assertEquals(all, upTo(60));
});

for (const latency of ["lowest", "normal"] as const) {
  test(`skip nonref: a camera with B-frames (${latency})`, SLOW, async () => {
    const file = await countingVideo(300, { ...SMALL, bframes: 2, keyInterval: 30 });
    await using camera = await startCamera({ file });
    const options = { ...GRAY, latency, decode: { skip: "nonref" } } as const;
    await using stream = new VideoStream(camera.url, options);
    const seen = await each(stream, (frame) => ({
      number: counter(frame),
      pts: frame.pts ?? NaN,
    }), 40);
    assert(isRising(seen.map(({ pts }) => pts)), JSON.stringify(seen));
    const gaps = steps(seen.map(({ number }) => number));
    // The file begins again at its end.
    assert(gaps.every((gap) => (gap + 300) % 300 < 60), gaps.join(" "));
    // By their times more than one picture a frame has passed.
    assertGreater((seen[39].pts - seen[0].pts) * 30, 55);
    assertEquals(stream.stats().dropped.corrupt, 0);
  });
}

interface Kept {
  sum: string;
  pts: number | undefined;
  index: number;
  keyframe: boolean;
  size: number[];
}

function keep({ data, pts, index, keyframe, width, height }: Frame): Kept {
  return { sum: checksum(data), pts, index, keyframe, size: [width, height] };
}

const FILES: { what: string; make: () => Promise<string> }[] = [
  { what: "h264", make: () => countingVideo(60, SMALL) },
  { what: "h264 with B-frames", make: () => countingVideo(60, { ...SMALL, bframes: 2 }) },
  { what: "h264 with slices", make: () => sliced(60) },
  { what: "hevc", make: () => countingVideo(40, { ...SMALL, codec: "hevc" }) },
  { what: "mpeg4", make: () => countingVideo(40, { ...SMALL, codec: "mpeg4", container: "avi" }) },
  { what: "mjpeg", make: () => countingVideo(40, { ...SMALL, codec: "mjpeg", container: "avi" }) },
  { what: "h264 whose size changes", make: () => resolutionChange() },
];
for (const { what, make } of FILES) {
  test(`threads: 2 or as many as there are give what one gives: ${what}`, SLOW, async () => {
    const file = await make();
    const one = await ofFile(file, {}, keep);
    assertGreater(one.all.length, 39);
    for (const threads of [2, 0, 5]) {
      const { all, stats } = await ofFile(file, { decode: { threads } }, keep);
      assertEquals(all.length, one.all.length, `${threads} threads`);
      all.forEach((frame, i) => assertEquals(frame, one.all[i], `${threads} threads, frame ${i}`));
      assertEquals(stats.dropped.corrupt, 0);
    }
  });
}

/** Four slices a picture, no two pictures the same. */
function sliced(frames: number): Promise<string> {
  const extra = ["-x264-params", "slices=4", "-g", "15"];
  return makeVideo({ ...SMALL, name: "sliced", frames, extra });
}

test("threads: a file that is played again and again", SLOW, async () => {
  const file = await countingVideo(20, { ...SMALL, bframes: 2 });
  await using stream = new VideoStream(file, { ...GRAY, loop: true, decode: { threads: 2 } });
  assertEquals(await each(stream, counter, 70), upTo(70).map((i) => i % 20));
});

for (const latency of ["lowest", "normal"] as const) {
  for (const threads of [1, 2, 0]) {
    test(`threads: ${threads} for slices of a live stream (${latency})`, SLOW, async () => {
      const file = await sliced(60);
      const { all } = await ofFile(file, {}, ({ data }) => checksum(data));
      assertEquals(new Set(all).size, 60);
      await using camera = await startCamera({ file });
      await using stream = new VideoStream(camera.url, { latency, decode: { threads } });
      const seen = await each(stream, ({ data, index }) => ({
        place: all.indexOf(checksum(data)),
        index,
      }), 75);
      assertEquals(seen.filter(({ place }) => place < 0), [], "not pictures of the file");
      // The file begins again and again, and the loop may skip.
      const [first] = seen;
      const places = seen.map(({ index }) => (first.place + index - first.index) % 60);
      assertEquals(seen.map(({ place }) => place), places);
      const { dropped, latency: how } = stream.stats();
      assertEquals([dropped.corrupt, how.wrongGuesses], [0, 0]);
      assertEquals(how.mode, latency === "lowest" ? "early" : "parser");
    });
  }
}

test("threads: a camera that codes in slices", SLOW, async () => {
  const foreground = 0xff30c070;
  await using camera = await startCamera({
    ...SMALL,
    slices: 4,
    pattern: "solid-color",
    foreground,
  });
  await Promise.all([1, 2, 0].map(async (threads) => {
    await using stream = new VideoStream(camera.url, { decode: { threads } });
    const indexes = await each(stream, (frame) => {
      for (const x of [20, 160, 300]) {
        for (const y of [10, 70, 110, 170]) assertColour(frame, { x, y }, [0x30, 0xc0, 0x70], 12);
      }
      return frame.index;
    }, 40);
    assert(isRising(indexes));
    assertEquals(stream.stats().dropped.corrupt, 0);
  }));
});

test("all of it at once, as a tensor", SLOW, async () => {
  const file = await colourBars(SMALL.width, SMALL.height, { frames: 30, fps: 30 });
  await using camera = await startCamera({ file });
  await using stream = new VideoStream(camera.url, {
    convert: "on-demand",
    maxFps: 20,
    decode: { threads: 2, skip: "nonref" },
    format: "rgb-planar-f32",
    width: 160,
  });
  const plane = 160 * 90;
  await each(stream, ({ floats, index }) => {
    for (const { name, rgb, x, y } of colourPatches(160, 90)) {
      const seen = rgb.map((_, channel) => floats[channel * plane + y * 160 + x] * 255);
      const good = seen.every((level, i) => Math.abs(level - rgb[i]) <= 4);
      assert(good, `${name} of frame ${index} is ${seen}`);
    }
  }, 20);
});
