import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { RateLimit } from "../../../src/core/timing/rate_limit.ts";
import { forAll } from "../property.ts";
import { Seeded } from "../../support/seeded.ts";

/** The times of `count` frames at `fps`, each off by up to that share of a frame's time. */
function frameTimes(fps: number, count: number, random?: Seeded, jitter = 0): number[] {
  return Array.from({ length: count }, (_, i) => {
    const off = random ? (random.number() * 2 - 1) * jitter : 0;
    return (i + off) * 1000 / fps;
  });
}

function accepted(limit: RateLimit, times: readonly number[]): number[] {
  return times.filter((time) => limit.accepts(time));
}

/** "x" for each frame that is accepted, "." for the others. */
function pattern(limit: RateLimit, times: readonly number[]): string {
  return times.map((time) => limit.accepts(time) ? "x" : ".").join("");
}

test("without a limit all frames are accepted, of whatever times", () => {
  const times = [5, 5, 6, 6.001, 4, -1_000, 1e12, 0, 999, -1, 1e12, 1e12 - 1_001, 0];
  assertEquals(pattern(new RateLimit(Infinity), times), "x".repeat(times.length));
  forAll(20, (random) => {
    const limit = new RateLimit(Infinity);
    for (let frame = 0; frame < 50; frame++) {
      const time = (random.number() * 2 - 1) * random.pick([1, 1_000, 1e13]);
      assert(limit.accepts(time), `frame ${frame} at ${time}`);
    }
  });
});

test("the first frame is always accepted", () => {
  for (const maxFps of [0.001, 1, 30, 1_000, Infinity]) {
    for (const time of [0, -5_000, 0.5, 1_700_000_000_000]) {
      assert(new RateLimit(maxFps).accepts(time), `${maxFps} ${time}`);
    }
  }
});

test("a limit that the frame rate is no multiple of is kept evenly", () => {
  const rows: readonly (readonly [number, string])[] = [
    [10, "x..x..x..x..x..x..x..x..x..x.."],
    [15, "x.x.x.x.x.x.x.x.x.x.x.x.x.x.x."],
    [20, "x.xx.xx.xx.xx.xx.xx.xx.xx.xx.x"],
    [25, "x.xxxxx.xxxxx.xxxxx.xxxxx.xxxx"],
    [30, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
  ];
  for (const [maxFps, expected] of rows) {
    assertEquals(pattern(new RateLimit(maxFps), frameTimes(30, 30)), expected, `${maxFps} of 30`);
    // Epoch milliseconds are less exact.
    const late = frameTimes(30, 30).map((time) => time + 1_700_000_000_000);
    assertEquals(pattern(new RateLimit(maxFps), late), expected, `${maxFps} of 30, epoch`);
  }
});

test("a limit at or above the frame rate accepts all, also when frames come unevenly", () => {
  forAll(20, (random) => {
    const maxFps = random.pick([30, 31, 45, 60, 1_000]);
    const times = frameTimes(30, 2_500, new Seeded(random.seed()), 0.04);
    assertEquals(accepted(new RateLimit(maxFps), times).length, 2_500, String(maxFps));
  });
});

test("there are never more than maxFps on average, and hardly fewer", () => {
  forAll(300, (random) => {
    const fps = random.pick([5, 12.5, 25, 29.97, 30, 60, 120]);
    const maxFps = random.pick([0.1, 1, 7, 10, 20, 24, 25, 29, 50]);
    const jitter = random.pick([0, 0.05, 0.2, 0.49]);
    const times = accepted(
      new RateLimit(maxFps),
      frameTimes(fps, 3_000, new Seeded(random.seed()), jitter),
    );
    const message = JSON.stringify({ fps, maxFps, jitter });
    const interval = 1000 / maxFps;
    times.forEach((time, i) => {
      // Of a frame's time a tenth may be missing, once and for all.
      assertGreaterOrEqual(time - times[0]!, (i - 0.1) * interval - 1e-6, message);
    });
    // With frames to choose from, none of the limit is left unused.
    if (fps < 2 * maxFps) return;
    const intervals = (2_999 - 2 * jitter) * 1000 / fps / interval;
    assertGreaterOrEqual(times.length, Math.floor(intervals), message);
  });
});

test("what was missed in a gap is not caught up with", () => {
  for (const gap of [300, 1_000, 60_000]) {
    const limit = new RateLimit(10);
    const before = frameTimes(30, 31);
    const after = before.map((time) => 1_000 + gap + time);
    accepted(limit, before);
    assertEquals(pattern(limit, after), "x..x..x..x..x..x..x..x..x..x..x", `${gap} ms`);
  }
});

test("after a short gap one frame comes early, not more", () => {
  forAll(500, (random) => {
    const limit = new RateLimit(10);
    const before = frameTimes(30, 31);
    const gap = random.number() * 400;
    const after = frameTimes(30, 31).map((time) => 1_000 + gap + time);
    const times = accepted(limit, [...before, ...after]);
    for (let i = 2; i < times.length; i++) {
      assertGreaterOrEqual(times[i]! - times[i - 2]!, 100, `${gap} ms`);
    }
    assertLessOrEqual(times.length, 1 + 10 * (2 + gap / 1_000) + 0.1, `${gap} ms`);
  });
});

test("after a step back of more than a second it goes on at once, at the same rate", () => {
  const limit = new RateLimit(10);
  // Each part ends 367 ms after its start.
  for (const start of [1_000_000, 999_360, 5_000, 4_360, 0, -3_000, -1e12]) {
    const part = frameTimes(30, 12).map((time) => time + start);
    assertEquals(pattern(limit, part), "x..x..x..x..", String(start));
  }
});

test("a step back of a second is disorder, one of more a new beginning", () => {
  for (const maxFps of [10, 1, 0.1]) {
    assertEquals(pattern(new RateLimit(maxFps), [5_000, 4_000, 4_000, 4_001]), "x...", `${maxFps}`);
    assertEquals(pattern(new RateLimit(maxFps), [5_000, 3_999.9, 3_999.9]), "xx.", `${maxFps}`);
  }
});

test("a step back is one from the highest time, also that of a frame that was refused", () => {
  const limit = new RateLimit(0.1);
  const times = [0, 8_000, 7_500, 7_000, 6_999, 7_500, 15_998, 15_999, 16_500];
  assertEquals(pattern(limit, times), "x...x..x.");
});

test("after less disorder it goes on where it would have without", () => {
  const limit = new RateLimit(1);
  const times = [0, 800, 400, 500, 899, 900, 100, 1_500, 600, 1_899, 1_900, 901];
  assertEquals(pattern(limit, times), "x....x....x.");
});

test("frames that come in pairs, the later one first, do not raise the rate", () => {
  for (const back of [0, 1, 20, 60, 66.7, 100, 500, 1_000]) {
    const times = Array.from({ length: 300 }, (_, i) => [i * 66.7, i * 66.7 - back]).flat();
    const { length } = accepted(new RateLimit(10), times);
    assertGreaterOrEqual(length, 199, `${back} ms`);
    assertLessOrEqual(length, 201, `${back} ms`);
  }
});

test("disorder of up to a second never raises the average rate", () => {
  forAll(300, (random) => {
    const fps = random.pick([5, 25, 29.97, 60]);
    const maxFps = random.pick([0.1, 1, 7, 10, 24, 50]);
    const disorder = random.pick([1, 5, 50, 300, 1_000]);
    // Off by less than `disorder`, so that no step back is longer than that.
    const noise = new Seeded(random.seed());
    const all = frameTimes(fps, 2_000).map((time) => time + noise.number() * disorder);
    const times = accepted(new RateLimit(maxFps), all);
    const message = JSON.stringify({ fps, maxFps, disorder });
    const interval = 1000 / maxFps;
    times.forEach((time, i) => {
      assertGreaterOrEqual(time - times[0]!, (i - 0.1) * interval - 1e-6, message);
    });
    const intervals = (Math.max(...all) - all[0]!) / interval;
    assertLessOrEqual(times.length, intervals + 1.1 + 1e-6, message);
  });
});
