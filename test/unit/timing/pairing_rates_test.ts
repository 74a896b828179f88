/** Sets of cameras that run freely: how many, how even, how soon. */

import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import type { Candidate } from "../../../src/core/timing/pairing.ts";
import { median, share } from "../../support/numbers.ts";
import { forAll } from "../property.ts";
import { type FakeCamera, type FakeRules, type FakeSet, filmed, setsOf } from "./fake_cameras.ts";

const DURATION = 10_000;
/** What another window must be narrower by. */
const BETTER_BY = 2;

function run(cameras: readonly FakeCamera[], rules: FakeRules = {}, seed = 1) {
  const pictures = filmed(cameras, DURATION, seed);
  return { pictures, sets: setsOf(cameras, pictures, rules) };
}

/** What holds for all sets, however the cameras run. */
function assertSound(sets: readonly FakeSet[], tolerance: number): void {
  for (const [i, { picks, skew, at }] of sets.entries()) {
    assertLessOrEqual(skew, tolerance);
    for (const [camera, pick] of picks.entries()) {
      if (!pick) continue;
      assertLessOrEqual(pick.arrival, at);
      const before = sets.slice(0, i).findLast((set) => set.picks[camera])?.picks[camera];
      if (before) assertGreater(pick.index, before.index);
    }
  }
}

/**
 * How many sets of two cameras are as even as they could be: no set with one of their
 * pictures, and with one that had not been in a set, would have been narrower.
 */
function evenShare(sets: readonly FakeSet[], pictures: readonly (readonly Candidate[])[]): number {
  const even = sets.filter(({ picks, skew }, i) => {
    const distances = picks.flatMap((pick, camera) => {
      const used = sets[i - 1]?.picks[1 - camera]?.index ?? -1;
      return pictures[1 - camera]!.filter(({ index }) => index > used)
        .map(({ time }) => Math.abs(time - (pick as Candidate).time));
    });
    return skew <= Math.min(...distances) + BETTER_BY;
  });
  return even.length / sets.length;
}

test("two cameras of the same rate have the least skew there is, and lose no picture", () => {
  for (let seed = 0; seed < 20; seed++) {
    const camera = { period: 100 / 3 };
    const { sets, pictures } = run([camera, camera], {}, seed);
    assertSound(sets, 100 / 3);
    assertEquals(evenShare(sets, pictures), 1, `seed ${seed}`);
    assertGreater(sets.length, 297, `seed ${seed}`);
  }
});

test("pictures that come unevenly have the least skew there is, and lose none but by turns", () => {
  for (const [jitter, expected] of [[1, 0.99], [3, 0.98], [8, 0.92]]) {
    const shares: number[] = [];
    for (let seed = 0; seed < 20; seed++) {
      const camera = { period: 100 / 3, jitter };
      const { sets, pictures } = run([camera, camera], {}, seed);
      assertSound(sets, 100 / 3);
      shares.push(evenShare(sets, pictures));
    }
    assertGreater(shares.reduce((sum, one) => sum + one, 0) / 20, expected, `${jitter} ms`);
    // Two pictures in the middle between those of the other camera change their partners.
    const { sets } = run([{ period: 40, phase: 0, jitter }, { period: 40, phase: 5, jitter }]);
    assertGreater(sets.length, 245, `${jitter} ms`);
  }
});

test("the same phases give the same partners from the first set to the last", () => {
  for (const phase of [1, 5, 10, 16, 18, 25, 32]) {
    const cameras = [{ period: 100 / 3, phase: 0 }, { period: 100 / 3, phase }];
    const { sets } = run(cameras);
    const least = Math.min(phase, 100 / 3 - phase);
    for (const { skew } of sets.slice(1)) assertLess(Math.abs(skew - least), 1e-6, `${phase}`);
    assertGreater(sets.length, 297);
  }
});

test("a set of two even cameras is given as soon as its last picture is here", () => {
  const { sets } = run([{ period: 40, phase: 0 }, { period: 40, phase: 6 }]);
  for (const { at, times } of sets) assertEquals(at, Math.max(...times));
});

test("ten pictures a second beside thirty: each of the ten has the nearest of the thirty", () => {
  for (const jitter of [0, 4]) {
    for (let seed = 0; seed < 20; seed++) {
      const { sets, pictures } = run(
        [{ period: 100, jitter }, { period: 100 / 3, jitter }],
        {},
        seed,
      );
      assertSound(sets, 100);
      assertGreater(sets.length, 97, `seed ${seed}`);
      const near = share(sets, ({ skew }) => skew <= 100 / 6 + 2 * jitter + BETTER_BY);
      assertGreater(near, 0.97, `seed ${seed}`);
      assertGreater(evenShare(sets, pictures), jitter ? 0.8 : 0.98, `seed ${seed}`);
    }
  }
});

test("ten pictures a second beside thirty are not late for the sake of the thirty", () => {
  const { sets } = run([{ period: 100, phase: 5 }, { period: 100 / 3, phase: 0 }]);
  const waits = sets.map(({ at, picks }) => at - (picks[0]?.arrival ?? 0));
  assertLess(median(waits), 100 / 3);
});

test("three cameras of different rates have sets at the rate of the slowest", () => {
  for (let seed = 0; seed < 20; seed++) {
    const cameras = [{ period: 40, jitter: 2 }, { period: 100 / 3, jitter: 2 }, {
      period: 1000 / 15,
    }];
    const { sets } = run(cameras, {}, seed);
    assertSound(sets, 1000 / 15);
    assertGreater(sets.length, 140, `seed ${seed}`);
    // Each of the others has one within half of its own period, on either side.
    assertGreater(share(sets, ({ skew }) => skew <= 20 + 17 + 4), 0.95, `seed ${seed}`);
  }
});

test("pictures that come later than those of the other camera find their partners", () => {
  const cameras = [{ period: 100 / 3, phase: 0 }, { period: 100 / 3, phase: 4, delay: 90 }];
  const { sets } = run(cameras);
  assertGreater(sets.length, 295);
  for (const { skew } of sets.slice(1)) assertLess(Math.abs(skew - 4), 1e-6);
});

test("a camera that is away for a second leaves the others their sets", () => {
  const away = [3_000, 4_000] as const;
  const cameras = [{ period: 100 / 3, phase: 0 }, { period: 100 / 3, phase: 3, away }];
  const { sets } = run(cameras, { complete: false });
  assertSound(sets, 100 / 3);
  // The first picture of all has nobody to wait for.
  const incomplete = sets.slice(1).filter(({ picks }) => picks.includes(undefined));
  assert(incomplete.every(({ picks }) => picks[1] === undefined));
  assertGreater(incomplete.length, 25);
  for (const { times: [time] } of incomplete) assert(time! > 2_990 && time! < 4_001, String(time));
  // The first wait is the longest, and none is longer than it may be.
  for (const { at, times } of incomplete) assertLessOrEqual(at - times[0]!, 100 + 1e-6);
  const later = incomplete.filter(({ times }) => times[0]! > 3_140);
  for (const { at, times } of later) assertEquals(at, times[0]);
  // It comes back by itself.
  const back = sets.filter(({ times }) => times[0]! > 4_040);
  assertGreater(back.length, 170);
  assert(back.every(({ picks }) => !picks.includes(undefined)));
});

test("where sets must be complete, none come while a camera is away", () => {
  const away = [3_000, 4_000] as const;
  const { sets } = run([{ period: 40, phase: 0 }, { period: 40, phase: 3, away }]);
  assertEquals(sets.filter(({ times: [time] }) => time! > 3_000 && time! < 3_990), []);
  assert(sets.every(({ picks }) => !picks.includes(undefined)));
  assertGreater(sets.filter(({ times }) => times[0]! > 4_040).length, 140);
});

test("a program that is slow gets the newest sets", () => {
  const cameras = [{ period: 100 / 3, jitter: 2 }, { period: 100 / 3, jitter: 2 }];
  for (let seed = 0; seed < 20; seed++) {
    const { sets } = run(cameras, { pause: 500 }, seed);
    assertSound(sets, 100 / 3);
    assertGreater(sets.length, 16);
    // At most the one before the newest, and half a period for a better partner.
    for (const { at, times } of sets) assertLess(at - Math.min(...times), 2.6 * 100 / 3);
  }
});

test("the newest of each come once for each picture of the slowest, or after maxWait", () => {
  const cameras = [{ period: 40, phase: 0 }, { period: 40, phase: 30 }];
  const { sets } = run(cameras, { sync: "latest", tolerance: Infinity });
  assertGreater(sets.length, 240);
  const slow = run([{ period: 40, phase: 0 }, { period: 500, phase: 1 }], {
    sync: "latest",
    tolerance: Infinity,
  });
  const distances = slow.sets.slice(1).map(({ at }, i) => at - slow.sets[i]!.at);
  assertLessOrEqual(Math.max(...distances), 140 + 1e-6);
  assertGreater(slow.sets.length, 70);
});

test("whatever cameras do, sets are sound", () => {
  let total = 0;
  forAll(60, (random) => {
    const cameras = Array.from({ length: random.integer(2, 4) }, () => {
      const from = random.integer(0, 3_000);
      return {
        period: random.pick([20, 100 / 3, 40, 70, 100]),
        jitter: random.integer(0, 9),
        delay: random.pick([0, 0, 30, 150]),
        away: random.number() < 0.4 ? [from, from + random.integer(50, 1_500)] as const : undefined,
      };
    });
    const complete = random.number() < 0.5;
    const tolerance = random.pick([5, 20, 50, 100]);
    const pause = random.pick([0, 0, 30, 300]);
    const pictures = filmed(cameras, 3_000, random.seed());
    const sets = setsOf(cameras, pictures, { complete, tolerance, pause });
    assertSound(sets, tolerance);
    if (complete) assert(sets.every(({ picks }) => !picks.includes(undefined)));
    total += sets.length;
  });
  assertGreater(total, 1_000);
});
