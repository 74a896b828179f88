/** `maxFps`: fewer frames than the camera sends, evenly. */

import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { makeVideo } from "../../support/media.ts";
import { median, steps, upTo } from "../../support/numbers.ts";
import { countingVideo } from "../../support/patterns.ts";
import { GRAY, SLOW, SMALL } from "../reading.ts";
import { counter, each, ofFile, startRig } from "./thinned.ts";

for (const latency of ["lowest", "normal"] as const) {
  test(`maxFps: 10 of 30 frames of a camera are every third (${latency})`, SLOW, async () => {
    await using rig = await startRig({ latency, maxFps: 10 });
    const { stream } = rig;
    const seen = await each(stream, ({ index, pts }) => ({ index, pts: pts ?? NaN }), 25);
    const gaps = steps(seen.map(({ index }) => index));
    // A loop that was held up has skipped frames of those.
    assert(gaps.every((gap) => gap > 0 && gap % 3 === 0), gaps.join(" "));
    assertEquals(median(gaps), 3, gaps.join(" "));
    const span = seen[24]!.pts - seen[0]!.pts;
    assertAlmostEquals(span / (seen[24]!.index - seen[0]!.index), 1 / 30, 0.002);
    // All of them are decoded, and this is the rate that is told.
    assertAlmostEquals(stream.fps ?? NaN, 30, 1);
    assertAlmostEquals(stream.stats().fps ?? NaN, 30, 3);
    const { corrupt, unwanted } = stream.stats().dropped;
    assertEquals([corrupt, unwanted], [0, 0]);
    await stream.stop();
    const { decoded, dropped } = stream.stats();
    assertGreater(decoded, seen[24]!.index);
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
    assert(first! >= 27 && first! <= 30, few.all.join(" "));
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
  all.forEach((pts, i) => assertAlmostEquals(pts - all[0]!, i / 10, 0.001));
});
