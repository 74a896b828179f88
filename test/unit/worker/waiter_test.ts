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

/** Times at which waits were over. */
function makeWaiter(control: ControlBlock, onTurn = () => {}): [Waiter, number[]] {
  const ends: number[] = [];
  return [new Waiter(control, { onTurn, onEnd: () => ends.push(now()) }), ends];
}

test("untilTime() waits until the time, in the phase of waiting, and looks around meanwhile", () => {
  const control = makeControl();
  const phases: number[] = [];
  const [waiter, ends] = makeWaiter(control, () => phases.push(control.phase));
  const start = now();
  waiter.untilTime(start + 150);
  assertGreaterOrEqual(now(), start + 150);
  assertLess(now(), start + 5_000);
  assertGreaterOrEqual(phases.length, 1);
  assert(phases.every((phase) => phase === Phase.waiting));
  assertEquals(control.phase, Phase.reading);
  assertEquals(ends.length, 1);
  assertGreaterOrEqual(ends[0], start + 150);
});

test("untilTime() returns at once when the time is over, or never was", () => {
  const control = makeControl();
  const [waiter, ends] = makeWaiter(control, () => {
    throw new Error("has waited");
  });
  for (const time of [now() - 1, 0, -Infinity, NaN]) waiter.untilTime(time);
  assertEquals([control.phase, ends], [Phase.reading, []]);
});

test("untilTime() ends when a stop is asked for", () => {
  const control = makeControl();
  let turns = 0;
  const [waiter] = makeWaiter(control, () => {
    if (++turns === 2) control.requestStop();
  });
  const start = now();
  waiter.untilTime(start + 20_000);
  assertLess(now(), start + 10_000);
  assertEquals(control.phase, Phase.reading);
});

test("until() says whether it is done, and each of its ends counts", () => {
  const control = makeControl();
  let looks = 0;
  const [waiter, ends] = makeWaiter(control);
  assertEquals(waiter.until(() => ++looks === 2), true);
  assertEquals(waiter.until(() => false, now() + 30), false);
  control.requestStop();
  assertEquals(waiter.until(() => false), false);
  assertEquals(waiter.until(() => true), true);
  assertEquals([ends.length, control.phase], [4, Phase.reading]);
});
