import {
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { test } from "node:test";
import { backoffDelay, type BackoffPolicy } from "../../../src/core/connection/backoff.ts";
import { forAll } from "../property.ts";
import { Seeded } from "../../support/seeded.ts";

const POLICY: BackoffPolicy = { delay: 1_000, backoff: 2, maxDelay: 30_000, jitter: 0 };

function delays(policy: BackoffPolicy, count: number, random = () => 0.5): number[] {
  return Array.from({ length: count }, (_, i) => backoffDelay(policy, i + 1, random));
}

test("backoffDelay() doubles from the delay and stays at maxDelay", () => {
  assertEquals(delays(POLICY, 7), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("backoffDelay() waits the same time each time with a backoff of 1", () => {
  assertEquals(delays({ ...POLICY, backoff: 1 }, 4), [1_000, 1_000, 1_000, 1_000]);
});

test("backoffDelay() takes a backoff that is not whole", () => {
  assertEquals(delays({ ...POLICY, backoff: 1.5 }, 3), [1_000, 1_500, 2_250]);
});

test("backoffDelay() is maxDelay at once when the delay is above it", () => {
  assertEquals(delays({ ...POLICY, delay: 5_000, maxDelay: 3_000 }, 2), [3_000, 3_000]);
});

test("backoffDelay() is maxDelay after so many failures that the power is infinite", () => {
  assertEquals(backoffDelay({ ...POLICY, backoff: 1_000 }, 100_000, () => 0.5), 30_000);
});

test("backoffDelay() of a delay of 0 is 0", () => {
  assertEquals(delays({ ...POLICY, delay: 0 }, 3), [0, 0, 0]);
});

test("backoffDelay() does not change with the random number when there is no jitter", () => {
  for (const random of [0, 0.25, 0.999]) assertEquals(backoffDelay(POLICY, 2, () => random), 2_000);
});

test("backoffDelay() takes away the whole share at random 0 and adds it at random 1", () => {
  const policy = { ...POLICY, jitter: 0.25 };
  assertEquals(backoffDelay(policy, 1, () => 0), 750);
  assertEquals(backoffDelay(policy, 1, () => 0.5), 1_000);
  assertEquals(backoffDelay(policy, 1, () => 1), 1_250);
  assertEquals(backoffDelay({ ...POLICY, jitter: 1 }, 3, () => 0), 0);
  assertEquals(backoffDelay({ ...POLICY, jitter: 1 }, 3, () => 1), 8_000);
});

test("backoffDelay() never exceeds maxDelay without jitter, and never shrinks", () => {
  forAll(500, (random) => {
    const policy = {
      delay: random.integer(1, 60_000),
      backoff: 1 + random.number() * 9,
      maxDelay: random.integer(1, 60_000),
      jitter: 0,
    };
    let last = 0;
    for (const delay of delays(policy, 40, () => random.number())) {
      assertLessOrEqual(delay, policy.maxDelay, JSON.stringify(policy));
      assertGreaterOrEqual(delay, last, JSON.stringify(policy));
      last = delay;
    }
  });
});

test("backoffDelay() with jitter stays within its share, and uses both sides of it", () => {
  forAll(20, (random) => {
    const policy = { delay: 1_000, backoff: 3, maxDelay: 20_000, jitter: random.number() };
    const n = random.integer(1, 8);
    const middle = backoffDelay({ ...policy, jitter: 0 }, n, () => 0);
    const jitter = new Seeded(random.seed());
    const samples = Array.from(
      { length: 300 },
      () => backoffDelay(policy, n, () => jitter.number()),
    );
    const [low, high] = [Math.min(...samples), Math.max(...samples)];
    const share = middle * policy.jitter;
    assertGreaterOrEqual(low, middle - share);
    assertLessOrEqual(high, middle + share);
    assertAlmostEquals(low, middle - share, share * 0.1);
    assertAlmostEquals(high, middle + share, share * 0.1);
  });
});

test("no number of failures and no jitter makes a delay that a timer cannot wait", () => {
  const policy = { delay: 0, backoff: 2, maxDelay: 30_000, jitter: 0 };
  assertEquals(backoffDelay(policy, 5_000, () => 0.5), 0);
  const long = { delay: 2 ** 31 - 1, backoff: 1, maxDelay: 2 ** 31 - 1, jitter: 1 };
  assertEquals(backoffDelay(long, 1, () => 1), 2 ** 31 - 1);
});
