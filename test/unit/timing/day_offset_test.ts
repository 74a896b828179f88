import { assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { DayOffset } from "../../../src/core/timing/day_offset.ts";
import { forAll } from "../property.ts";

/** Of two clocks: the day's is read in whole milliseconds. */
function read(offset: DayOffset, steady: number, day: number): number {
  return offset.update(steady, Math.floor(day), steady);
}

const DAY = 86_400_000;

test("as long as the system's clock is not set, the offset stays exactly as it was", () => {
  const offset = new DayOffset(0.25);
  forAll(200, (random) => {
    const steady = random.number() * 100 * DAY;
    assertEquals(read(offset, steady, steady + 0.25), 0.25);
  });
});

test("it is right to a millisecond, wherever it began", () => {
  forAll(200, (random) => {
    const offset = new DayOffset((random.number() - 0.5) * DAY);
    const real = (random.number() - 0.5) * DAY;
    let error = 1;
    for (let i = 0; i < 20; i++) {
      const steady = i * 40 + random.number();
      const found = read(offset, steady, steady + real);
      assertLessOrEqual(Math.abs(found - real), Math.min(error, 1) + 1e-3);
      error = Math.abs(found - real);
    }
  });
});

test("a busy machine that reads the day's clock late does not move the offset", () => {
  const offset = new DayOffset(0.25);
  forAll(200, (random) => {
    const steady = random.number() * 100 * DAY;
    const [late, later] = [random.number() * 50, random.number() * 50];
    const day = Math.floor(steady + late + 0.25);
    assertEquals(offset.update(steady, day, steady + late + later), 0.25);
  });
  // What was read late still tells that the clock was set by more.
  assertAlmostEquals(offset.update(1_000, 5_000, 1_010), 3_995, 6);
});

test("a clock that is set is followed at once, in both directions", () => {
  const offset = new DayOffset();
  for (const real of [3 * DAY, 3 * DAY + 1_500, -50 * 365 * DAY, 0]) {
    const found = read(offset, 123.4, 123.4 + real);
    assertAlmostEquals(found, real, 1);
    // And then it is steady.
    for (let i = 1; i < 100; i++) read(offset, 123.4 + i * 0.37, 123.4 + i * 0.37 + real);
    const steady = read(offset, 300, 300 + real);
    assertEquals(read(offset, 400.5, 400.5 + real), steady);
  }
});

test("a suspend, in which the steady clock stands still, is a set", () => {
  const offset = new DayOffset();
  read(offset, 1_000, 1_000);
  assertAlmostEquals(read(offset, 1_001, 1_001 + 8 * 3_600_000), 8 * 3_600_000, 1);
});

test("months of drift are followed, a millisecond behind at most", () => {
  const offset = new DayOffset();
  for (let hour = 0; hour < 24 * 90; hour++) {
    const steady = hour * 3_600_000;
    const drift = steady * 2e-5;
    assertLessOrEqual(Math.abs(read(offset, steady, steady + drift) - drift), 1.001);
  }
});
