import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import { ClockTempo } from "../../../src/core/timing/clock_tempo.ts";
import { forAll } from "../property.ts";
import { Seeded } from "../../support/seeded.ts";

const NOW = 1_700_000_000_000;

interface Camera {
  readonly seconds: number;
  readonly fps?: number;
  /** Milliseconds of the stream's times at a true one. */
  readonly stream?: (time: number) => number;
  /** Of the camera's clock. */
  readonly clock?: (time: number) => number;
  /** Milliseconds from one report to the next. */
  readonly every?: number;
  readonly delay?: (time: number) => number;
  /** Whether libav lays the stream's times on the reports, as it does with sound beside. */
  readonly laid?: boolean;
}

interface Word {
  readonly time: number;
  readonly right: boolean;
  /** By how much the camera's word is wrong. */
  readonly error: number;
}

/** What is thought of each picture of a camera. */
function watch(camera: Camera): Word[] {
  const { seconds, fps = 25, stream = (time) => time, clock = (time) => NOW + time } = camera;
  const { every = 5_000, delay = () => 20, laid = false } = camera;
  const tempo = new ClockTempo();
  let arrival = -Infinity;
  return Array.from({ length: seconds * fps }, (_, i) => {
    const time = i * 1000 / fps;
    const report = Math.floor(time / every) * every;
    const told = clock(report) + stream(time) - stream(report);
    const own = laid ? told - clock(0) : stream(time);
    arrival = Math.max(arrival, NOW + time + delay(time));
    const right = tempo.note(told, arrival, own);
    return { time, right, error: Math.abs(told - NOW - time) };
  });
}

/** Up to 80 ms, and now and then half a second. */
function jitter(seed: number, share = 0.02): () => number {
  const random = new Seeded(seed);
  return () => random.number() < share ? random.number() * 500 : random.number() ** 3 * 80;
}

test("a clock that goes as fast as ours is known in two seconds, and stays so", () => {
  forAll(40, (random) => {
    const every = random.pick([1_000, 5_000, 30_000, Infinity]);
    const wrongBy = random.pick([0, 3_600_000, -1e12]);
    const delay = jitter(random.seed());
    const clock = (time: number) => NOW + wrongBy + time * (1 + 5e-5);
    const words = watch({ seconds: 120, every: Math.min(every, 1e9), clock, delay });
    assertLess(words.findIndex(({ right }) => right), 75);
    assertEquals(words.slice(75).filter(({ right }) => !right), []);
  });
});

test("a network that stands still, and then sends all at once, is no wrong clock", () => {
  const stalled = (time: number) => time % 10_000 > 8_000 ? 10_000 - time % 10_000 : 0;
  const words = watch({ seconds: 60, delay: (time) => 20 + stalled(time) });
  assertEquals(words.slice(75).filter(({ right }) => !right), []);
});

test("a camera of one picture a second is known after a few", () => {
  const words = watch({ seconds: 20, fps: 1 });
  assertEquals(words.findIndex(({ right }) => right), 6);
});

const WRONG: Readonly<Record<string, (time: number) => number>> = {
  "stands still": () => 0,
  "goes at half the speed": (time) => time / 2,
  "goes twice as fast": (time) => time * 2,
  "goes backwards": (time) => -time,
  "goes by whole seconds": (time) => Math.floor(time / 1000) * 1000,
};

for (const [name, stream] of Object.entries(WRONG)) {
  test(`no word is believed of a stream whose time ${name}`, () => {
    forAll(30, (random) => {
      const laid = random.pick([true, false]);
      const every = random.pick([1_000, 2_000, 5_000, 1e9]);
      const delay = jitter(random.seed(), 0);
      const words = watch({ seconds: 60, stream, every, delay, laid });
      assertEquals(words.filter(({ right }) => right), [], JSON.stringify({ laid, every }));
    });
  });
}

test("a stream that is wrong by a tenth is not believed after its second report", () => {
  for (const factor of [0.9, 0.96, 1.05, 1.1]) {
    const words = watch({ seconds: 60, stream: (time) => time * factor });
    assertEquals(words.filter(({ time, right }) => right && time > 5_000), [], `${factor}`);
  }
});

test("reports without a time, or of a clock that goes wrong, are not believed", () => {
  const clocks = {
    zero: () => 0,
    frozen: () => NOW,
    fast: (time: number) => NOW + time * 1.5,
    slow: (time: number) => NOW + time * 0.5,
  };
  for (const [name, clock] of Object.entries(clocks)) {
    for (const laid of [true, false]) {
      if (laid && (name === "fast" || name === "slow")) continue;
      const words = watch({ seconds: 60, clock, every: 1_000, laid });
      assertEquals(words.filter(({ time, right }) => right && time > 1_000), [], name);
    }
  }
});

test("a clock that was set once is believed again", () => {
  const clock = (time: number) => NOW + time + (time >= 20_000 ? 5_000 : 0);
  const words = watch({ seconds: 60, clock });
  const doubted = words.filter(({ time, right }) => !right && time > 3_000);
  assertEquals(doubted[0]!.time, 20_000);
  assertGreater(doubted.at(-1)!.time, 25_000);
  assertLess(doubted.at(-1)!.time, 51_000);
});

test("a stream that stands still from some time on is doubted within two seconds", () => {
  const words = watch({ seconds: 60, stream: (time) => Math.min(time, 20_000), every: 1e9 });
  assertEquals(words.filter(({ time, right }) => right && time > 22_000), []);
  assertEquals(words.filter(({ time, right }) => !right && time > 3_000 && time < 20_000), []);
});

test("the wrap of the stream's times is no other clock", () => {
  const wrap = 100_000;
  const tempo = new ClockTempo(wrap);
  const words = Array.from({ length: 1_000 }, (_, i) => {
    const time = i * 40;
    // The times of the stream go on; what the report says of them is a turn back until the next.
    const wrong = time >= 20_000 && time < 25_000 ? -wrap : 0;
    return { time, right: tempo.note(NOW + time + wrong, NOW + time + 20, time) };
  });
  assertEquals(words.filter(({ time, right }) => !right && time > 2_000 && time < 20_000), []);
});
