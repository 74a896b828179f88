import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { test } from "node:test";
import { ControlBlock, Phase, SLOTS_OFFSET } from "../../../src/core/shared/control_block.ts";
import { now } from "../../../src/core/timing/clock.ts";
import { Waiter } from "../../../src/worker/waiter.ts";

function makeControl(): ControlBlock {
  const control = new ControlBlock(new SharedArrayBuffer(SLOTS_OFFSET));
  control.phase = Phase.reading;
  return control;
}

test("untilTime() waits until the time, in the phase of waiting, and looks around meanwhile", () => {
  const control = makeControl();
  const phases: number[] = [];
  const waiter = new Waiter(control, () => phases.push(control.phase));
  const start = now();
  waiter.untilTime(start + 150);
  assertGreaterOrEqual(now(), start + 150);
  assertLess(now(), start + 5_000);
  assertGreaterOrEqual(phases.length, 2);
  assert(phases.every((phase) => phase === Phase.waiting));
  assertEquals(control.phase, Phase.reading);
  // What was waited is not time in which nothing came.
  assertGreaterOrEqual(control.get("lastPacketTime"), start + 150);
});

test("untilTime() returns at once when the time is over, or never was", () => {
  const control = makeControl();
  const waiter = new Waiter(control, () => {
    throw new Error("has waited");
  });
  for (const time of [now() - 1, 0, -Infinity, NaN]) waiter.untilTime(time);
  assertEquals([control.phase, control.get("lastPacketTime")], [Phase.reading, 0]);
});

test("untilTime() ends when a stop is asked for", () => {
  const control = makeControl();
  let turns = 0;
  const waiter = new Waiter(control, () => {
    if (++turns === 2) control.requestStop();
  });
  const start = now();
  waiter.untilTime(start + 20_000);
  assertLess(now(), start + 10_000);
  assertEquals(control.phase, Phase.reading);
});

test("until() tells what was waited for from the end of the time", () => {
  const control = makeControl();
  let looks = 0;
  const waiter = new Waiter(control, () => {});
  assertEquals(waiter.until(() => ++looks === 2), true);
  assertEquals(waiter.until(() => false, now() + 30), false);
  control.requestStop();
  assertEquals(waiter.until(() => false), false);
  assertEquals(waiter.until(() => true), true);
});
