/** Which pictures of several cameras make a set, one question at a time. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { test } from "node:test";
import {
  type Candidate,
  type Lane,
  newestOfEach,
  pair,
  type Pairing,
  type PairingRules,
} from "../../../src/core/timing/pairing.ts";
import { forAll } from "../property.ts";

const RULES: PairingRules = {
  tolerance: 33,
  maxWait: 100,
  complete: true,
  patient: false,
  after: -Infinity,
};
const PATIENT: PairingRules = { ...RULES, patient: true };
const OMIT: PairingRules = { ...RULES, complete: false };

/** Pictures of these times, which are here at once. */
function lane(times: readonly number[], more: Partial<Lane> = {}): Lane {
  const candidates = times.map((time, index) => ({ index, time, arrival: time }));
  return { candidates, awaited: true, ...more };
}

/** The times of a set; undefined when there is none. */
function timesOf(pairing: Pairing): (number | undefined)[] | undefined {
  return "picks" in pairing ? pairing.picks.map((pick) => pick?.time) : undefined;
}

/** When to look again; undefined when there is a set. */
function untilOf(pairing: Pairing): number | undefined {
  return "until" in pairing ? pairing.until : undefined;
}

test("the newest pictures that are near to each other are the set", () => {
  const lanes = [lane([0, 33, 66]), lane([5, 38, 71])];
  assertEquals(timesOf(pair(lanes, RULES, 100)), [66, 71]);
});

test("a camera that is ahead waits for the other one with its older picture", () => {
  const lanes = [lane([0, 33, 66, 99]), lane([5, 38])];
  assertEquals(timesOf(pair(lanes, RULES, 100)), [33, 38]);
});

test("a skew of the tolerance is allowed, and no more", () => {
  assertEquals(timesOf(pair([lane([0]), lane([33])], RULES, 50)), [0, 33]);
  assertEquals(untilOf(pair([lane([0]), lane([33.001])], RULES, 50)), Infinity);
  const strict = { ...RULES, tolerance: 0 };
  assertEquals(timesOf(pair([lane([7, 8]), lane([6, 7])], strict, 50)), [7, 7]);
  assertEquals(untilOf(pair([lane([7, 9]), lane([6, 8])], strict, 50)), Infinity);
});

test("the skew is from the first to the last of all pictures, not from one to the next", () => {
  const lanes = [lane([0]), lane([20]), lane([40])];
  assertEquals(untilOf(pair(lanes, RULES, 50)), Infinity);
  assertEquals(timesOf(pair(lanes, { ...RULES, tolerance: 40 }, 50)), [0, 20, 40]);
});

test("of two windows with a picture in common the narrower one is the set", () => {
  // 33 goes with 31 rather than with 64, which is newer.
  assertEquals(timesOf(pair([lane([0, 33]), lane([31, 64])], RULES, 70)), [33, 31]);
  // Nobody else wants 31: the newest may have 64.
  assertEquals(timesOf(pair([lane([0, 33, 66]), lane([31, 64])], RULES, 70)), [66, 64]);
});

test("a window that is narrower by less than cameras are even is not worth an older picture", () => {
  const lanes = (distance: number) => [lane([0, 33]), lane([33 - distance, 43])];
  assertEquals(timesOf(pair(lanes(8.5), RULES, 70)), [33, 43]);
  assertEquals(timesOf(pair(lanes(7.5), RULES, 70)), [33, 25.5]);
});

test("an old window does not come before a new one because it is narrower", () => {
  const lanes = [lane([0, 100]), lane([0, 130])];
  assertEquals(timesOf(pair(lanes, RULES, 150)), [100, 130]);
});

test("a picture that is about to come is waited for where it makes a narrower set", () => {
  const expected = { time: 22, until: 60 };
  const lanes = [lane([0], { expected }), lane([20])];
  assertEquals(untilOf(pair(lanes, PATIENT, 30)), 60);
  // It did not come.
  assertEquals(timesOf(pair([lane([0]), lane([20])], PATIENT, 60)), [0, 20]);
  // It came.
  assertEquals(timesOf(pair([lane([0, 22]), lane([20])], PATIENT, 30)), [22, 20]);
  // Who is in a hurry takes what there is.
  assertEquals(timesOf(pair(lanes, RULES, 30)), [0, 20]);
});

test("a picture that is about to come is not waited for where it makes no better set", () => {
  const late = { time: 45, until: 80 };
  assertEquals(timesOf(pair([lane([0], { expected: late }), lane([20])], PATIENT, 30)), [0, 20]);
  // Nor where it would be narrower by less than cameras are even.
  const near = { time: 39, until: 80 };
  assertEquals(timesOf(pair([lane([0], { expected: near }), lane([20])], PATIENT, 30)), [0, 20]);
  // Nor where it has nothing to do with the pictures that are here.
  const next = { time: 100, until: 150 };
  const lanes = [lane([0], { expected: next }), lane([20], { expected: next })];
  assertEquals(timesOf(pair(lanes, PATIENT, 30)), [0, 20]);
});

test("a set is not held back for one that comes after it and needs none of its pictures", () => {
  // 4 goes with 0, and 37 is about to come for 33: both sets are as even.
  const expected = { time: 37, until: 180 };
  for (const time of [37, 36.9, 35]) {
    const lanes = [lane([0, 33]), lane([4], { expected: { ...expected, time } })];
    assertEquals(timesOf(pair(lanes, PATIENT, 124)), [0, 4], String(time));
  }
  // Where it would take a picture away from the other one, it is.
  assertEquals(untilOf(pair([lane([33]), lane([4], { expected })], PATIENT, 124)), 180);
});

test("of several pictures that are waited for, the next to be late is looked after first", () => {
  const lanes = [
    lane([0], { expected: { time: 25, until: 90 } }),
    lane([20], { expected: { time: 60, until: 70 } }),
  ];
  assertEquals(untilOf(pair(lanes, PATIENT, 30)), 70);
});

test("a set that must be complete is waited for without an end", () => {
  const dead = lane([], { awaited: false });
  assertEquals(untilOf(pair([lane([0]), dead], RULES, 10_000)), Infinity);
  assertEquals(untilOf(pair([lane([]), lane([])], RULES, 0)), Infinity);
  // What a camera that is away has left is as good as any.
  assertEquals(timesOf(pair([lane([0]), lane([5], { awaited: false })], RULES, 10)), [0, 5]);
});

test("no cameras make no set", () => {
  for (const rules of [RULES, PATIENT, OMIT]) {
    assertEquals(pair([], rules, 0), { until: Infinity });
    assertEquals(newestOfEach([], rules, 0), { until: Infinity });
  }
});

test("one camera makes a set of every picture", () => {
  assertEquals(timesOf(pair([lane([0, 33])], { ...PATIENT, tolerance: 0 }, 40)), [33]);
});

test("a set without a camera comes when a picture has waited long enough", () => {
  const lanes = [lane([10, 43]), lane([])];
  assertEquals(untilOf(pair(lanes, OMIT, 50)), 110);
  assertEquals(untilOf(pair(lanes, OMIT, 109)), 110);
  assertEquals(timesOf(pair(lanes, OMIT, 110)), [10, undefined]);
  // Of those that have, it is the newest.
  assertEquals(timesOf(pair(lanes, OMIT, 143)), [43, undefined]);
});

test("a picture waits from its arrival on, however old it is", () => {
  const candidates = [{ index: 0, time: 10, arrival: 310 }];
  const lanes = [{ candidates, awaited: true }, lane([])];
  assertEquals(untilOf(pair(lanes, OMIT, 400)), 410);
  assertEquals(timesOf(pair(lanes, OMIT, 410)), [10, undefined]);
});

test("a camera that is away is not waited for", () => {
  const away = lane([], { awaited: false });
  assertEquals(timesOf(pair([lane([0]), lane([5]), away], OMIT, 6)), [0, 5, undefined]);
  assertEquals(timesOf(pair([away, lane([5])], OMIT, 6)), [undefined, 5]);
  assertEquals(untilOf(pair([away, away], OMIT, 6)), Infinity);
  // What it has left alone is no reason for a set.
  assertEquals(untilOf(pair([lane([0], { awaited: false }), away], OMIT, 6_000)), Infinity);
});

test("an incomplete set has the nearest picture of each camera that has one near enough", () => {
  const lanes = [lane([100]), lane([70, 90, 125]), lane([66]), lane([])];
  assertEquals(timesOf(pair(lanes, OMIT, 200)), [100, 90, undefined, undefined]);
});

test("an incomplete set is within the tolerance as a whole", () => {
  // 75 and 125 are both near to 100, but not to each other.
  const lanes = [lane([100]), lane([75]), lane([125]), lane([])];
  const times = timesOf(pair(lanes, OMIT, 200));
  assertEquals(times, [100, 75, undefined, undefined]);
});

test("what is older than the last set makes no incomplete one", () => {
  const lanes = [lane([10, 43]), lane([])];
  assertEquals(timesOf(pair(lanes, { ...OMIT, after: 10 }, 130)), undefined);
  assertEquals(untilOf(pair(lanes, { ...OMIT, after: 10 }, 130)), 143);
  assertEquals(untilOf(pair(lanes, { ...OMIT, after: 43 }, 1_000)), Infinity);
});

test("a complete set is given at once, though older pictures have waited longer", () => {
  const lanes = [lane([0, 200]), lane([210])];
  assertEquals(timesOf(pair(lanes, OMIT, 211)), [200, 210]);
});

test("the newest of each are a set once there is a new one of each", () => {
  const rules = { ...PATIENT, tolerance: Infinity };
  const current: Candidate = { index: 9, time: -30, arrival: -30 };
  const one = lane([0, 40]);
  assertEquals(timesOf(newestOfEach([one, lane([5])], rules, 41)), [40, 5]);
  // The other one has only its last one: that is waited for until the first has waited.
  const lanes = [one, lane([], { current })];
  assertEquals(untilOf(newestOfEach(lanes, rules, 41)), 100);
  assertEquals(timesOf(newestOfEach(lanes, rules, 100)), [40, -30]);
  assertEquals(timesOf(newestOfEach(lanes, { ...rules, patient: false }, 41)), [40, -30]);
});

test("without a new picture there is no set of the newest", () => {
  const current: Candidate = { index: 9, time: 0, arrival: 0 };
  const still = lane([], { current });
  for (const rules of [RULES, PATIENT, OMIT]) {
    assertEquals(newestOfEach([still, still], rules, 1_000), { until: Infinity });
  }
});

test("the newest of each are waited for until all cameras have had one", () => {
  const rules = { ...RULES, tolerance: Infinity };
  assertEquals(untilOf(newestOfEach([lane([0]), lane([])], rules, 5_000)), Infinity);
  assertEquals(timesOf(newestOfEach([lane([0]), lane([])], OMIT, 5_000)), [0, undefined]);
});

test("the newest of a camera that is away is in no set", () => {
  const current: Candidate = { index: 9, time: 0, arrival: 0 };
  const away = lane([], { current, awaited: false });
  const rules = { ...RULES, tolerance: Infinity };
  assertEquals(untilOf(newestOfEach([lane([50]), away], rules, 60)), Infinity);
  const omit = { ...rules, complete: false, patient: true };
  assertEquals(timesOf(newestOfEach([lane([50]), away], omit, 60)), [50, undefined]);
});

test("the newest of each keep to a tolerance if there is one", () => {
  const lanes = [lane([100]), lane([66])];
  assertEquals(untilOf(newestOfEach(lanes, RULES, 110)), Infinity);
  assertEquals(timesOf(newestOfEach(lanes, OMIT, 110)), [100, undefined]);
  assertEquals(timesOf(newestOfEach([lane([100]), lane([67])], RULES, 110)), [100, 67]);
});

/** All sets that could be made, by their pictures' times. */
function allSets(lanes: readonly Lane[], tolerance: number): number[][] {
  let sets: number[][] = [[]];
  for (const { candidates } of lanes) {
    sets = sets.flatMap((set) => candidates.map(({ time }) => [...set, time]));
  }
  return sets.filter((set) => skewOf(set) <= tolerance);
}

function skewOf(set: readonly number[]): number {
  return Math.max(...set) - Math.min(...set);
}

function shares(one: readonly number[], other: readonly number[]): boolean {
  return one.some((time, i) => time === other[i]);
}

test("of all sets that could be, the newest or a narrower one with its pictures is given", () => {
  let [given, narrower] = [0, 0];
  forAll(4_500, (random) => {
    const tolerance = random.integer(1, 60);
    const lanes = Array.from({ length: random.integer(2, 4) }, () => {
      const times = Array.from({ length: random.integer(0, 6) }, () => random.number() * 200);
      return lane(times.sort((a, b) => a - b));
    });
    const sets = allSets(lanes, tolerance);
    const set = timesOf(pair(lanes, { ...RULES, tolerance }, 1_000)) as number[] | undefined;
    assertEquals(set !== undefined, sets.length > 0);
    if (!set) return;
    given++;
    assert(sets.some((one) => one.every((time, i) => time === set[i])), "it could not be made");
    const start = Math.max(...sets.map((one) => Math.min(...one)));
    const newest = sets.filter((one) => Math.min(...one) === start)
      .reduce((best, one) => skewOf(one) < skewOf(best) ? one : best);
    if (newest.every((time, i) => time === set[i])) return;
    narrower++;
    assert(shares(set, newest), `${set} has nothing of ${newest}`);
    assertLess(skewOf(set), skewOf(newest) - 2);
  });
  assert(given > 1_000 && narrower > 50, `${given} sets, ${narrower} of them narrower`);
});
