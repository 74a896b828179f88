/** `convert: "on-demand"`: what nobody reads is not converted. */

import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoStream } from "../../../mod.ts";
import { isRising, median, steps, upTo } from "../../support/numbers.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { within } from "../../support/waiting.ts";
import { ffmpeg, GRAY, SLOW, SMALL, TemporaryDirectory } from "../reading.ts";
import { counter, each, startRig } from "./thinned.ts";

/** Milliseconds, of the cameras here. */
const FRAME_TIME = 1000 / 30;

/** Epoch milliseconds by the clock that frames have. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Pictures that were made into frames. */
function converted(stream: VideoStream): number {
  const { decoded, dropped } = stream.stats();
  return decoded - dropped.unwanted - dropped.maxFps;
}

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
  const skipped = indexes[59]! - indexes[0]! - 59;
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
    const indexes = upTo(range[1]! - range[0]! + 1).map((i) => range[0]! + i);
    const numbers = indexes.map((index) => (index + ahead) % count);
    assert(numbers.includes(number), `${number} is not in ${numbers}`);
  }
  assertLess(converted(stream), stream.stats().decoded / 5);
});
