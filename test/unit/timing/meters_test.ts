import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import {
  BitrateMeter,
  IntervalMeter,
  SampleWindow,
  saneRate,
} from "../../../src/core/timing/meters.ts";
import { forAll } from "../property.ts";

test("percentiles() of an empty window are NaN", () => {
  assertEquals(new SampleWindow().percentiles([0, 0.5, 1]), [NaN, NaN, NaN]);
});

test("percentiles() of one value are that value", () => {
  const window = new SampleWindow();
  window.add(7);
  assertEquals(window.percentiles([0, 0.5, 0.99, 1]), [7, 7, 7, 7]);
});

test("percentiles() sorts by number, not by text", () => {
  const window = new SampleWindow();
  for (const value of [100, 9, -3, 20, 1]) window.add(value);
  assertEquals(window.percentiles([0, 0.5, 1]), [-3, 9, 100]);
});

test("percentiles() of 1 to 100 are what their names say", () => {
  const window = new SampleWindow();
  for (let value = 100; value >= 1; value--) window.add(value);
  assertEquals(window.percentiles([0, 0.5, 0.95, 0.99, 1]), [1, 51, 96, 100, 100]);
});

test("SampleWindow forgets what is older than its size", () => {
  const window = new SampleWindow(3);
  for (const value of [1_000, 1, 2]) window.add(value);
  assertEquals(window.percentiles([1]), [1_000]);
  window.add(3);
  assertEquals(window.percentiles([0, 1]), [1, 3]);
  for (const value of [8, 9]) window.add(value);
  assertEquals(window.percentiles([0, 0.5, 1]), [3, 8, 9]);
});

test("percentiles() does not change the order in which values are forgotten", () => {
  const window = new SampleWindow(3);
  for (const value of [9, 1, 5]) window.add(value);
  window.percentiles([0.5]);
  window.add(6);
  assertEquals(window.percentiles([0, 1]), [1, 6]);
});

test("percentiles() are values of the window, in the order of the shares", () => {
  forAll(200, (random) => {
    const size = random.integer(1, 40);
    const window = new SampleWindow(size);
    const values = Array.from({ length: random.integer(1, 100) }, () => random.number() * 100);
    values.forEach((value) => window.add(value));
    const kept = values.slice(-size);
    const shares = [0, 0.1, 0.5, 0.9, 1];
    const found = window.percentiles(shares);
    found.forEach((value) => assert(kept.includes(value)));
    assertEquals(found, [...found].sort((a, b) => a - b));
    assertEquals([found[0], found[4]], [Math.min(...kept), Math.max(...kept)]);
  });
});

test("IntervalMeter is NaN before the second event", () => {
  assertEquals(new IntervalMeter().tick(5), NaN);
});

test("IntervalMeter gives the distance of events that come evenly", () => {
  const meter = new IntervalMeter();
  let interval = NaN;
  for (let i = 0; i < 50; i++) interval = meter.tick(1_000 + i * 40);
  assertEquals(interval, 40);
});

test("IntervalMeter begins with the mean, and goes on with a share of each distance", () => {
  const meter = new IntervalMeter(0.25);
  meter.tick(0);
  const seen = [40, 540, 1_000, 1_400, 2_000].map((time) => meter.tick(time));
  assertEquals(seen.map(Math.round), [40, 270, 333, 350, 413]);
});

test("IntervalMeter is not moved by one jump, but by two of them", () => {
  const meter = new IntervalMeter();
  let time = 0;
  for (let i = 0; i < 25; i++) meter.tick(time += 40);
  assertEquals(meter.tick(time += 3_600_000), 40);
  for (let i = 0; i < 5; i++) assertEquals(meter.tick(time += 40), 40);
  meter.tick(time += 10_000);
  assertGreater(meter.tick(time += 10_000), 600);
});

test("IntervalMeter follows a change slowly, and gets there", () => {
  const meter = new IntervalMeter();
  let time = 0;
  const after = (count: number, step: number) => {
    let interval = NaN;
    for (let i = 0; i < count; i++) interval = meter.tick(time += step);
    return interval;
  };
  after(30, 40);
  const soon = after(4, 20);
  assertGreater(soon, 30);
  assertLess(soon, 40);
  assertAlmostEquals(after(100, 20), 20, 0.1);
});

test("BitrateMeter is NaN before its first window is over", () => {
  const meter = new BitrateMeter();
  for (const time of [5_000, 5_000, 5_500, 5_999.9]) assertEquals(meter.tick(time, 1_000), NaN);
  assertEquals(Number.isFinite(meter.tick(6_000, 1_000)), true);
});

test("BitrateMeter gives the bits per second of what comes evenly", () => {
  for (const start of [0, 1_700_000_000_000]) {
    const meter = new BitrateMeter();
    for (let i = 0; i <= 200; i++) {
      const rate = meter.tick(start + i * 40, 1_000);
      if (i >= 25) assertEquals(rate, 200_000, `tick ${i}`);
    }
  }
});

test("BitrateMeter counts every byte once, in the window it came in", () => {
  const meter = new BitrateMeter();
  meter.tick(0, 100);
  meter.tick(999, 25);
  assertEquals(meter.tick(1_000, 500), 1_000);
  assertEquals(meter.tick(1_999, 0), 1_000);
  assertEquals(meter.tick(2_000, 7), 4_000);
  assertEquals(meter.tick(3_000, 0), 56);
  assertEquals(meter.tick(4_000, 0), 0);
});

test("BitrateMeter reckons with the window as long as it was", () => {
  const meter = new BitrateMeter();
  meter.tick(0, 1_000);
  assertEquals(meter.tick(4_000, 1_000), 2_000);
  assertEquals(meter.tick(4_999, 0), 2_000);
  assertEquals(meter.tick(20_000, 0), 500);
});

test("BitrateMeter has windows of any length", () => {
  const meter = new BitrateMeter(100);
  meter.tick(0, 10);
  assertEquals([meter.tick(99, 0), meter.tick(100, 0)], [NaN, 800]);
});

test("BitrateMeter gives the average over all windows, however the bytes come", () => {
  forAll(100, (random) => {
    const meter = new BitrateMeter();
    let [time, since, sum, expected] = [1_000, 1_000, 0, NaN];
    for (let i = 0; i < 200; i++) {
      if (time - since >= 1_000) {
        expected = sum * 8 / ((time - since) / 1_000);
        [since, sum] = [time, 0];
      }
      const bytes = random.integer(0, 100_000);
      const rate = meter.tick(time, bytes);
      sum += bytes;
      if (Number.isNaN(expected)) assertEquals(rate, NaN);
      else assertAlmostEquals(rate, expected, 1e-6 * (1 + expected));
      time += random.pick([0, 1, 33, 40, 500, 3_000]);
    }
  });
});

test("saneRate() keeps rates that a camera can have", () => {
  for (const rate of [0.1, 1, 23.976, 25, 60, 300]) assertEquals(saneRate(rate), rate);
  for (const rate of [0, -25, 301, 1_000, 90_000, NaN, Infinity, -Infinity]) {
    assertEquals(saneRate(rate), undefined, `${rate}`);
  }
});
