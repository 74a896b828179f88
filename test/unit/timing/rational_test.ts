import { assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import { rationalRate } from "../../../src/core/timing/rational.ts";

test("a whole rate is itself, another one is told in thousandths", () => {
  assertEquals(rationalRate(30), { num: 30, den: 1 });
  assertEquals(rationalRate(1), { num: 1, den: 1 });
  assertEquals(rationalRate(29.97), { num: 29_970, den: 1_000 });
  assertEquals(rationalRate(0.5), { num: 500, den: 1_000 });
  const { num, den } = rationalRate(30_000 / 1_001);
  assertAlmostEquals(num / den, 29.97, 0.001);
});
