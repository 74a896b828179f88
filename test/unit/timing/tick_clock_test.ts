import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { FINE_TICKS, TickClock } from "../../../src/core/timing/tick_clock.ts";
import { Seeded } from "../../support/seeded.ts";

test("seconds become ticks of the rate", () => {
  const fine = new TickClock(FINE_TICKS);
  assertEquals([0, 0.04, 1, 1.5].map((time) => fine.next(time)), [0n, 3_600n, 90_000n, 135_000n]);
  const frames = new TickClock({ num: 30_000, den: 1_001 });
  const times = [0, 1, 2, 30].map((frame) => frame * 1_001 / 30_000);
  assertEquals(times.map((time) => frames.next(time)), [0n, 1n, 2n, 30n]);
});

test("times that are rounded to the same tick, or go back, are one tick later each", () => {
  const clock = new TickClock({ num: 25, den: 1 });
  const times = [0, 0.001, 0.002, 0.04, 0.16, 0.04, 0.2, 0.24];
  assertEquals(times.map((time) => clock.next(time)), [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
});

test("every time is later than the last, whatever comes", () => {
  const random = new Seeded(101);
  for (const rate of [FINE_TICKS, { num: 29_970, den: 1_000 }, { num: 1, den: 10 }]) {
    const clock = new TickClock(rate);
    let last = -1n;
    for (let i = 0; i < 500; i++) {
      const tick = clock.next(random.number() * 100);
      assert(tick > last, `${tick} after ${last}`);
      last = tick;
    }
  }
});

test("decoding times that can be are left as they are", () => {
  const clock = new TickClock(FINE_TICKS);
  const packets = [[0n, -7_200n], [10_800n, -3_600n], [3_600n, 0n], [7_200n, 7_200n]] as const;
  for (const [pts, dts] of packets) assertEquals(clock.decodeTime(pts, dts), dts);
});

test("a decoding time 60 seconds before its picture can be, one earlier cannot", () => {
  const pts = 90_000_000n;
  const earliest = pts - 60n * 90_000n;
  assertEquals(new TickClock(FINE_TICKS).decodeTime(pts, earliest), earliest);
  assertEquals(new TickClock(FINE_TICKS).decodeTime(pts, earliest - 1n), pts);
  // Less than one tick in that time is rounded up to one.
  assertEquals(new TickClock({ num: 1, den: 100 }).decodeTime(5n, 4n), 4n);
  assertEquals(new TickClock({ num: 1, den: 100 }).decodeTime(5n, 3n), 5n);
});

test("a time that was never set is one tick after the last, and never after the picture", () => {
  const unset = -(2n ** 63n);
  const clock = new TickClock({ num: 25, den: 1 });
  assertEquals(clock.decodeTime(0n, unset), 0n);
  assertEquals(clock.decodeTime(3n, unset), 1n);
  assertEquals(clock.decodeTime(1n, 5n), 1n);
  assertEquals(clock.decodeTime(2n, 2n), 2n);
  assertEquals(clock.decodeTime(9n, unset), 3n);
});
