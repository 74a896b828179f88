import { assertAlmostEquals, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { test } from "node:test";
import { LiveTimes } from "../../../src/core/timing/live_times.ts";
import { RateLimit } from "../../../src/core/timing/rate_limit.ts";
import { forAll } from "../property.ts";
import { Seeded } from "../../support/seeded.ts";

const START = 1_700_000_000_000;

interface Stream {
  /** Pictures a second. */
  readonly fps: number;
  readonly count: number;
  /** The picture's own time, of the milliseconds that it should be. */
  readonly own?: (right: number, picture: number) => number;
  /** How much later it arrives, in milliseconds. */
  readonly delay?: (right: number, picture: number) => number;
}

function timesOf({ fps, count, own = (right) => right, delay = () => 0 }: Stream): number[] {
  const live = new LiveTimes();
  return Array.from({ length: count }, (_, i) => {
    const right = i * 1000 / fps;
    return live.next(START + right + delay(right, i), own(right, i));
  });
}

/** How many pictures of a stream a limit accepts. */
function accepted(stream: Stream, maxFps: number): number {
  const limit = new RateLimit(maxFps);
  return timesOf(stream).filter((time) => limit.accepts(time)).length;
}

const TEN_SECONDS = { fps: 25, count: 251 };

/** A network that is late now and then; never by more than so many milliseconds. */
function jitter(max: number, seed: number) {
  const noise = new Seeded(seed);
  return () => noise.number() ** 4 * max;
}

test("a stream that keeps time has its own steps, however it arrives", () => {
  forAll(50, (random) => {
    const max = random.pick([0, 30, 300, 900]);
    const times = timesOf({ ...TEN_SECONDS, delay: jitter(max, random.seed()) });
    times.forEach((time, i) => assertAlmostEquals(time - times[0]!, i * 40, 1e-3, `${max} ms`));
  });
});

test("pictures that a server had kept are told apart by their own times", () => {
  // The first 1.5 s come at once.
  const burst = (right: number) => Math.max(0, 1_500 - right);
  const times = timesOf({ ...TEN_SECONDS, delay: burst });
  times.forEach((time, i) => assertAlmostEquals(time - times[0]!, i * 40, 1e-3));
});

test("a stream that was held up for a second goes on by its own times", () => {
  const stalled = (right: number) => right < 3_000 || right >= 4_000 ? 0 : 4_000 - right;
  const times = timesOf({ ...TEN_SECONDS, delay: stalled });
  times.forEach((time, i) => assertAlmostEquals(time - times[0]!, i * 40, 1e-3));
});

test("without times the arrivals count", () => {
  const delay = jitter(30, 1);
  const arrivals: number[] = [];
  const times = timesOf({
    ...TEN_SECONDS,
    own: () => NaN,
    delay: (right, i) => {
      arrivals[i] = START + Math.max(right + delay(), (arrivals[i - 1] ?? 0) - START);
      return arrivals[i]! - START - right;
    },
  });
  times.forEach((time, i) => assertAlmostEquals(time, arrivals[i]!, 1e-3));
});

test("a picture without a time among others is an ordinary one", () => {
  const times = timesOf({ ...TEN_SECONDS, own: (right, i) => i % 3 === 1 ? NaN : right });
  times.forEach((time, i) => assertAlmostEquals(time - times[0]!, i * 40, 1e-3));
});

const WRONG: Readonly<Record<string, (right: number, picture: number) => number>> = {
  frozen: () => 5_000,
  "frozen since a while": (right) => Math.min(right, 3_000),
  backwards: (right) => 1e9 - right,
  "whole seconds": (right) => Math.floor(right / 1000) * 1000,
  "an hour ahead now and then": (right, i) => right + (i % 10 === 9 ? 3_600_000 : 0),
  "an hour behind now and then": (right, i) => right - (i % 10 === 9 ? 3_600_000 : 0),
  "an hour later from the middle on": (right) => right + (right > 5_000 ? 3_600_000 : 0),
  "again from 0": (right) => right % 2_000,
  swapped: (right, i) => right + (i % 2 === 0 ? 40 : -40),
  none: () => NaN,
};

for (const [name, own] of Object.entries(WRONG)) {
  test(`a second is a second of life: ${name}`, () => {
    for (const maxFps of [1, 5, 10]) {
      assertAlmostEquals(
        accepted({ ...TEN_SECONDS, own }, maxFps),
        10 * maxFps + 1,
        2,
        `${maxFps}`,
      );
    }
    const times = timesOf({ ...TEN_SECONDS, own });
    assertAlmostEquals(times.at(-1)! - times[0]!, 10_000, 1_000);
  });
}

test("a stream at another speed than the clock has the clock's, after a while", () => {
  for (const speed of [0.08, 0.5, 0.8, 1.25, 2, 10]) {
    const times = timesOf({ fps: 25, count: 1_501, own: (right) => right * speed });
    assertAlmostEquals(times[1_000]! - times[500]!, 20_000, 1, `${speed}`);
    const maxFps = 5;
    // A second or two are what it may be off at the beginning.
    const off = speed < 1 ? -5 : 10;
    const count = accepted({ fps: 25, count: 1_501, own: (right) => right * speed }, maxFps);
    assertAlmostEquals(count, 301 + off / 2, Math.abs(off / 2) + 1, `${speed}`);
  }
});

test("two pictures a second that are told as 25 are two", () => {
  const slow = { fps: 2, count: 25, own: (_: number, picture: number) => picture * 40 };
  assertAlmostEquals(accepted(slow, 1), 12, 1);
  assertAlmostEquals(accepted(slow, 2), 23, 2);
});

test("a stream at another speed is known not to keep time, one that was late is forgiven", () => {
  const keeps = (own: (right: number) => number, delay = (_: number) => 0) => {
    const live = new LiveTimes();
    return Array.from({ length: 1_000 }, (_, i) => {
      live.next(START + i * 40 + delay(i * 40), own(i * 40));
      return live.keepsTime;
    });
  };
  assertEquals(keeps((right) => right).includes(false), false);
  for (const speed of [0.16, 0.5, 2]) {
    assertEquals(keeps((right) => right * speed).slice(150).includes(true), false, `${speed}`);
  }
  const late = keeps(
    (right) => right,
    (right) => right > 5_000 && right < 8_000 ? 8_000 - right : 0,
  );
  assertEquals([late[140], late.at(-1)], [false, true]);
});

test("clocks that drift apart never cost a picture", () => {
  const day = { fps: 1, count: 86_400 };
  for (const drift of [-1e-4, 1e-4]) {
    const delay = jitter(200, 7);
    const times = timesOf({ ...day, own: (right) => right * (1 + drift), delay });
    assertAlmostEquals(times.at(-1)! - times[0]!, 86_399_000, 3_000);
    const count = accepted({ ...day, own: (right) => right * (1 + drift), delay }, 1);
    assertGreaterOrEqual(count, 86_000);
  }
});
