/** Sets of the newest pictures of cameras that run freely. */
import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { type Candidate, type Lane, newestOfEach } from "../../../src/core/timing/pairing.ts";

const PERIOD = 33;
const NOW = 1_000;
const RULES = {
  tolerance: Infinity,
  maxWait: 100,
  complete: true,
  patient: true,
  after: -Infinity,
};

/** A camera whose newest picture is so old, and whose next one is in time. */
function lane(age: number): Lane {
  const time = NOW - age;
  const candidates: Candidate[] = [{ index: 1, time, arrival: time }];
  const expected = { time: time + PERIOD, until: time + PERIOD * 1.5 };
  return { candidates, awaited: true, expected };
}

function agesAt(now: number, lanes: readonly Lane[], rules = RULES): number[] | number {
  const pairing = newestOfEach(lanes, rules, now);
  if ("until" in pairing) return pairing.until;
  return pairing.picks.map((pick) => pick ? NOW - pick.time : NaN);
}

test("a nearer picture that is about to come is waited for", () => {
  const [late, now] = [lane(31), lane(0)];
  assertEquals(agesAt(NOW, [late, now]), late.expected?.until);
});

test("it is not waited for when it would be further away", () => {
  assertEquals(agesAt(NOW, [lane(10), lane(0)]), [10, 0]);
});

test("nor when it would be as far away, or hardly nearer", () => {
  assertEquals(agesAt(NOW, [lane(17), lane(0)]), [17, 0]);
});

test("nor when it does not come", () => {
  const { candidates } = lane(31);
  assertEquals(agesAt(NOW, [{ candidates, awaited: true }, lane(0)]), [31, 0]);
});

test("nor longer than maxWait from a picture that is here", () => {
  const rules = { ...RULES, maxWait: 40 };
  assertEquals(agesAt(NOW, [lane(31), lane(0)], rules), NOW - 31 + 40);
  assertEquals(agesAt(NOW + 9, [lane(31), lane(0)], rules), [31, 0]);
});

test("nor by somebody who does not wait", () => {
  assertEquals(agesAt(NOW, [lane(31), lane(0)], { ...RULES, patient: false }), [31, 0]);
});

test("a third camera that is as late as the first one would not gain by it", () => {
  assertEquals(agesAt(NOW, [lane(31), lane(0), lane(31)]), [31, 0, 31]);
});

test("a camera that is away has no say", () => {
  const away = { ...lane(500), awaited: false };
  const rules = { ...RULES, complete: false };
  assertEquals(agesAt(NOW, [away, lane(3), lane(0)], rules), [NaN, 3, 0]);
});
