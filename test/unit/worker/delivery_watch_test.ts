import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { ControlBlock, SLOTS_OFFSET } from "../../../src/core/shared/control_block.ts";
import type { ReadCounter } from "../../../src/core/shared/counters.ts";
import { WAITING } from "../../../src/core/shared/waiting.ts";
import type { FromReadWorker } from "../../../src/thread/read_protocol.ts";
import { DeliveryWatch } from "../../../src/worker/read/delivery_watch.ts";

/** A watch, what it posts, and what the main thread sees of it. */
function rig(maxFps = Infinity) {
  const control = new ControlBlock<ReadCounter>(new SharedArrayBuffer(SLOTS_OFFSET));
  const posted: FromReadWorker[] = [];
  const watch = new DeliveryWatch(control, (message) => posted.push(message), maxFps);
  const seen = () => [WAITING[control.get("waiting")], control.get("waitingSince")];
  return { control, posted, watch, seen };
}

test("a stream that delivers waits for nothing", () => {
  const { posted, watch, seen } = rig();
  for (let time = 0; time < 60_000; time += 5_000) {
    // A fragment, and the end of its picture.
    watch.packet(time);
    watch.passed();
    watch.packet(time + 40);
  }
  assertEquals(posted, []);
  assertEquals(seen()[0], undefined);
});

test("what is waited for is known at once, reported after two seconds, and ends with a frame", () => {
  const { posted, watch, seen } = rig();
  for (let time = 100; time <= 5_000; time += 100) {
    watch.withheld("keyframe", time);
    watch.packet(time);
    assertEquals(seen(), ["keyframe", 100]);
    assertEquals(posted.length, time < 2_100 ? 0 : 1);
  }
  watch.passed();
  assertEquals(seen()[0], undefined);
  assertEquals(posted, [
    { type: "waiting", waiting: "keyframe", since: 100 },
    { type: "waiting", waiting: undefined, since: 100 },
  ]);
});

test("another cause is reported again, and the wait goes on from its beginning", () => {
  const { posted, watch, seen } = rig();
  for (let time = 0; time <= 6_000; time += 100) {
    watch.withheld(time < 3_000 ? "keyframe" : "undamaged frame", time);
    watch.packet(time);
  }
  assertEquals(seen(), ["undamaged frame", 0]);
  assertEquals(posted, [
    { type: "waiting", waiting: "keyframe", since: 0 },
    { type: "waiting", waiting: "undamaged frame", since: 0 },
  ]);
});

test("packets that never become a picture are not silent", () => {
  const { posted, watch, seen } = rig();
  for (let time = 0; time <= 3_000; time += 100) watch.packet(time);
  assertEquals(posted, [{ type: "waiting", waiting: "frame", since: 0 }]);
  assertEquals(seen(), ["frame", 0]);
});

test("what maxFps leaves out is not missed, as long as it lets one through", () => {
  const { posted, watch, seen } = rig(0.1);
  for (let time = 0; time < 19_900; time += 100) {
    watch.leftOut(time);
    watch.packet(time);
  }
  assertEquals([posted, seen()[0]], [[], undefined]);
  for (let time = 20_000; time < 23_000; time += 100) {
    watch.leftOut(time);
    watch.packet(time);
  }
  assertEquals(posted, [{ type: "waiting", waiting: "clock", since: 0 }]);
  watch.passed();
  assertEquals(seen()[0], undefined);
});

test("a frame that maxFps leaves out ends a wait for an undamaged one", () => {
  const { watch, seen } = rig(1);
  watch.withheld("undamaged frame", 0);
  assertEquals(seen(), ["undamaged frame", 0]);
  watch.leftOut(40);
  assertEquals(seen()[0], undefined);
});

test("drops are reported once a second, with the last cause, and at the end", () => {
  const { posted, watch } = rig();
  for (let time = 0; time < 2_500; time += 100) {
    watch.dropped(time % 200 === 0 ? "damaged" : "no free buffer");
    watch.passed();
    watch.packet(time);
  }
  watch[Symbol.dispose]();
  assertEquals(posted, [
    { type: "dropped", count: 1, cause: "damaged" },
    { type: "dropped", count: 10, cause: "damaged" },
    { type: "dropped", count: 10, cause: "damaged" },
    { type: "dropped", count: 4, cause: "damaged" },
  ]);
});
