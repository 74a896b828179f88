/** What is not even decoded: `skip`, alone and with all other ways to have less than every picture. */

import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import { VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { isRising, steps, upTo } from "../../support/numbers.ts";
import { colourBars, colourPatches, countingVideo } from "../../support/patterns.ts";
import { assertColour, GRAY, SLOW, SMALL } from "../reading.ts";
import { checksum, counter, each, ofFile } from "./thinned.ts";

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
  all.forEach(({ number, pts }) => assertAlmostEquals(pts - all[0]!.pts, number / 30, 0.001));
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
    assertGreater((seen[39]!.pts - seen[0]!.pts) * 30, 55);
    assertEquals(stream.stats().dropped.corrupt, 0);
  });
}

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
      const seen = rgb.map((_, channel) => floats[channel * plane + y * 160 + x]! * 255);
      const good = seen.every((level, i) => Math.abs(level - rgb[i]!) <= 4);
      assert(good, `${name} of frame ${index} is ${seen}`);
    }
  }, 20);
});
