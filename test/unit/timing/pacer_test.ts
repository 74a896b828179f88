import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { Pacer } from "../../../src/core/timing/pacer.ts";

const START = 1_700_000_000_000;

test("the first picture is due at the start, whatever its time", () => {
  for (const time of [0, 0.04, 12_345.5, -3]) assertEquals(new Pacer(START).due(time), START);
});

test("the others are due as much later as their times are", () => {
  const pacer = new Pacer(START);
  const due = [10, 10.5, 10.25, 70, 9].map((time) => pacer.due(time) - START);
  assertEquals(due, [0, 500, 250, 60_000, -1_000]);
});

test("a picture without a time is due at once, and does not count as the first", () => {
  const pacer = new Pacer(START);
  assertEquals(pacer.due(NaN), -Infinity);
  assertEquals([pacer.due(5), pacer.due(NaN), pacer.due(6)], [START, -Infinity, START + 1_000]);
});
