/** When the pictures of a written stream are shown: `timestamps`, `fps` and `pace`. */

import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Frame,
  type Timestamps,
  VideoStream,
  VideoWriter,
  type VideoWriterOptions,
} from "../../../mod.ts";
import { isRising, steps } from "../../support/numbers.ts";
import { countingVideo } from "../../support/patterns.ts";
import { probe } from "../../support/probe.ts";
import { within } from "../../support/waiting.ts";
import { ffmpeg, SLOW, TemporaryDirectory } from "../reading.ts";
import { framesOf, numberOf, scene, SMALL_RGB, writeFile } from "../writing.ts";

/** The steps from each time to the next. */
/** The times at which a player shows the pictures, from the first one on. */
async function shownTimes(path: string): Promise<number[]> {
  const times = (await probe(path)).pictures.map(({ pts }) => pts).toSorted((a, b) => a - b);
  return times.map((time) => time - times[0]!);
}

function assertTimes(seen: readonly number[], expected: readonly number[], tolerance = 0.002) {
  assertEquals(seen.length, expected.length, seen.join(" "));
  seen.forEach((time, i) => assertAlmostEquals(time, expected[i]!, tolerance, seen.join(" ")));
}

/** A picture of the scene that was taken at that time, in seconds. */
function frameAt(index: number, pts: number | undefined): Frame {
  return new Frame(scene.picture(index), {
    ...SMALL_RGB,
    index,
    connection: 1,
    pts,
    keyframe: false,
    arrivalTime: Date.now(),
  });
}

/** Writes one frame for each of the times. */
async function film(
  path: string,
  times: readonly (number | undefined)[],
  options: VideoWriterOptions = {},
): Promise<void> {
  await using writer = new VideoWriter(path, options);
  for (const [index, pts] of times.entries()) {
    await within("a place", writer.drain());
    assert(writer.write(frameAt(index, pts)));
  }
}

for (const fps of [30, 12.5, 29.97]) {
  test(`pictures of ${fps} a second have equal distances, in all containers`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const expected = Array.from({ length: 50 }, (_, i) => i / fps);
    await Promise.all(["mp4", "mkv", "avi", "ts", "flv"].map(async (extension) => {
      const path = directory.file(`film.${extension}`);
      await writeFile(path, 50, { fps, timestamps: "constant", preset: "ultrafast" });
      // AVI has no times of its own: with B-frames a player shows what comes out.
      if (extension !== "avi") assertTimes(await shownTimes(path), expected);
      const { fps: rate, duration } = await probe(path);
      assertAlmostEquals(rate, fps, fps * 0.02, extension);
      assertAlmostEquals(duration, 50 / fps, 3.5 / fps, extension);
    }));
  });
}

test(
  "bytes without times are one frame after the other, also where those of frames are asked for",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.file("film.mp4");
    await writeFile(path, 20, { fps: 10, timestamps: "frame" });
    assertTimes(await shownTimes(path), Array.from({ length: 20 }, (_, i) => i / 10));
  },
);

const GAPS = [5, 5.04, 5.08, 5.5, 5.54, 7.9, 8, 8.1, 8.2, 8.201];

for (const extension of ["mp4", "mkv", "ts", "flv"]) {
  test(`times of frames are kept in .${extension}, with their gaps`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.file(`film.${extension}`);
    await film(path, GAPS);
    assertTimes(await shownTimes(path), GAPS.map((time) => time - GAPS[0]!));
    assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), GAPS.map((_, i) => i));
  });
}

test("times of frames are kept in .avi as well as its fixed rate allows", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.avi");
  await film(path, GAPS, { codec: "mpeg4", fps: 50 });
  assertTimes(await shownTimes(path), GAPS.map((time) => time - GAPS[0]!), 0.021);
});

test("constant: the times of frames do not count", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await film(path, GAPS, { timestamps: "constant", fps: 20 });
  assertTimes(await shownTimes(path), GAPS.map((_, i) => i / 20));
});

test("a source that begins again, jumps or has no times goes on in one line", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  // A film that begins again, a camera whose clock jumps by hours, frames without a time.
  await film(path, [0, 0.1, 0.2, 0, 0.1, 4000, 4000.1, undefined, undefined, 4000.4], { fps: 25 });
  const times = await shownTimes(path);
  assert(isRising(times), times.join(" "));
  assertLess(Math.max(...steps(times)), 1, times.join(" "));
  assertTimes(times.slice(0, 7), [0, 0.1, 0.2, 0.24, 0.34, 0.38, 0.48]);
});

test("a film that is piped into another keeps its times, gaps and all", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const file = await countingVideo(60, { ...SMALL_RGB, bframes: 2 });
  const gappy = directory.file("gappy.mp4");
  // Every third picture is left out, and the second half comes a second later.
  await ffmpeg(
    ...["-i", file, "-vf", "select='mod(n,3)',setpts='PTS+gte(N,20)/TB'"],
    ...["-fps_mode", "passthrough", "-c:v", "libx264", gappy],
  );
  const expected = await shownTimes(gappy);
  assertEquals(expected.length, 40);
  assertGreater(Math.max(...steps(expected)), 0.9);
  for (const extension of ["mp4", "mkv"]) {
    const copy = directory.file(`copy.${extension}`);
    await using stream = new VideoStream(gappy);
    await using writer = new VideoWriter(copy, { timestamps: "frame" });
    await within("end of the pipe", stream.pipeTo(writer));
    assertTimes(await shownTimes(copy), expected);
  }
});

test("wallclock: the times are those of write()", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  /** From before to after each call, in seconds: a busy machine may hold the program up between. */
  const calls: { before: number; after: number }[] = [];
  {
    await using writer = new VideoWriter(path, { ...SMALL_RGB, timestamps: "wallclock" });
    await writer.ready;
    for (let index = 0; index < 20; index++) {
      await sleep(index % 4 === 0 ? 120 : 20);
      const before = performance.now() / 1000;
      assert(writer.write(index % 2 ? scene.picture(index) : frameAt(index, 1_000 - index)));
      calls.push({ before, after: performance.now() / 1000 });
      await writer.drain();
    }
  }
  const shown = await shownTimes(path);
  assertEquals(shown.length, calls.length);
  for (const [i, { before, after }] of calls.entries()) {
    const about = `picture ${i} of ${shown.join(" ")}`;
    assertGreater(shown[i], before - calls[0]!.after - 0.005, about);
    assertLess(shown[i], after - calls[0]!.before + 0.005, about);
  }
});

test("wallclock: pictures in the same moment have times of their own", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const extension of ["mp4", "flv", "ts"]) {
    const path = directory.file(`film.${extension}`);
    await writeFile(path, 30, { timestamps: "wallclock", queue: { size: 32 } });
    const { pictures } = await probe(path);
    assertEquals(pictures.length, 30);
    assert(isRising(pictures.map(({ dts }) => dts)), extension);
    assert(isRising(await shownTimes(path)), extension);
  }
});

test("pace: a film takes its own time, by its frames' times or by fps", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const times = Array.from({ length: 26 }, (_, i) => 100 + i / 20);
  const run = async (timestamps: Timestamps, pace: boolean) => {
    const begin = performance.now();
    const path = directory.file(`${timestamps}-${pace}.mp4`);
    await film(path, times, { fps: 20, timestamps, pace, preset: "ultrafast" });
    const took = performance.now() - begin;
    assertTimes(await shownTimes(path), times.map((time) => time - 100));
    return took;
  };
  const paced = await Promise.all([run("frame", true), run("constant", true)]);
  assertGreater(Math.min(...paced), 1_200);
  assertLess(await run("frame", false), 1_200);
});

test(
  "pace: a writer that is closed or aborted does not wait for the end of the film",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const controller = new AbortController();
    await using writer = new VideoWriter(directory.file("film.mp4"), {
      pace: true,
      signal: controller.signal,
    });
    for (const [index, pts] of [0, 5, 9, 14].entries()) writer.write(frameAt(index, pts));
    await within("ready", writer.ready);
    const begin = performance.now();
    controller.abort();
    await within("end", writer.close());
    assertLess(performance.now() - begin, 2_000);
    assertEquals(writer.state, "stopped");
  },
);
