import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { Pacer } from "../../../src/core/timing/pacer.ts";

const START = 1_700_000_000_000;

test("the first picture is due at the start, whatever its time", () => {
  for (const time of [0, 0.04, 12_345.5, -3]) assertEquals(new Pacer(START).due(time), START);
});

test("the others are due as much later as their times are", () => {
  const pacer = new Pacer(START);
  const due = [10, 10.5, 10.25, 19, 18.5].map((time) => pacer.due(time) - START);
  assertEquals(due, [0, 500, 250, 9_000, 8_500]);
});

test("after a jump, forward or back, a picture is due one step after the last", () => {
  const pacer = new Pacer(START);
  const due = [10, 10.5, 3_600, 3_600.5, 2, 2.5].map((time) => pacer.due(time) - START);
  assertEquals(due, [0, 500, 1_000, 1_500, 2_000, 2_500]);
});

test("pictures that are all far apart stay so", () => {
  const pacer = new Pacer(START);
  const due = [0, 9, 39, 69, 99].map((time) => pacer.due(time) - START);
  assertEquals(due, [0, 9_000, 39_000, 69_000, 99_000]);
});

test("a picture without a time is due at once, and does not count as the first", () => {
  const pacer = new Pacer(START);
  assertEquals(pacer.due(NaN), -Infinity);
  assertEquals([pacer.due(5), pacer.due(NaN), pacer.due(6)], [START, -Infinity, START + 1_000]);
});
