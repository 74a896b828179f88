import { assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import { NOPTS } from "../../../ffi/mod.ts";
import { FileTimeline } from "../../../src/worker/read/file_timeline.ts";

const MILLISECONDS = { num: 1, den: 1_000 };

test("times are seconds of the stream's time base", () => {
  const rtp = new FileTimeline({ num: 1, den: 90_000 });
  assertEquals([0n, 3_000n, 90_000n].map((time) => rtp.next(time)), [0, 1 / 30, 1]);
  const ntsc = new FileTimeline({ num: 1_001, den: 30_000 });
  assertAlmostEquals(ntsc.next(30_000n), 1_001, 1e-9);
  assertEquals(new FileTimeline(MILLISECONDS).next(-500n), -0.5);
});

test("a picture without a time has none, and the last one that had is known", () => {
  const timeline = new FileTimeline(MILLISECONDS);
  assertEquals([timeline.next(NOPTS), timeline.last], [NaN, undefined]);
  timeline.next(40n);
  assertEquals([timeline.next(NOPTS), timeline.last], [NaN, 0.04]);
});

test("a file that begins again goes on one frame after its end, every time", () => {
  const timeline = new FileTimeline(MILLISECONDS);
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const time of [0n, 100n, 200n]) times.push(timeline.next(time));
    timeline.restart(10);
  }
  const expected = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
  times.forEach((time, i) => assertAlmostEquals(time, expected[i]!, 1e-9, `${times}`));
});

test("times that begin late make no gap where the file begins again", () => {
  const timeline = new FileTimeline(MILLISECONDS);
  const times: number[] = [];
  for (let round = 0; round < 2; round++) {
    for (const time of [1_400n, 1_500n, 1_600n]) times.push(timeline.next(time));
    timeline.restart(10);
  }
  const expected = [1.4, 1.5, 1.6, 1.7, 1.8, 1.9];
  times.forEach((time, i) => assertAlmostEquals(time, expected[i]!, 1e-9, `${times}`));
});

test("a file without times goes on by its rate, over its end too", () => {
  const timeline = new FileTimeline(MILLISECONDS);
  const times = [1, 2, 3].map(() => timeline.next(NOPTS, 0.5));
  timeline.restart(2);
  times.push(timeline.next(NOPTS, 0.5));
  assertEquals(times, [0, 0.5, 1, 1.5]);
});

test("without a declared rate the next round begins 40 ms later", () => {
  const timeline = new FileTimeline(MILLISECONDS);
  timeline.next(960n);
  timeline.restart();
  assertAlmostEquals(timeline.next(0n), 1, 1e-9);
});

test("a file without any times has none in the next round", () => {
  const timeline = new FileTimeline(MILLISECONDS);
  timeline.next(NOPTS);
  timeline.restart(25);
  assertEquals([timeline.next(NOPTS), timeline.last], [NaN, undefined]);
});
