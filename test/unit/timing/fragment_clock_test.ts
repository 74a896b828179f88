import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { FRAGMENT_MS, FragmentClock } from "../../../src/core/timing/fragment_clock.ts";

/** When a fragment is ended by the clock, of packets that are written at these times. */
function ends(packets: readonly (readonly [time: number, decoded: number, keyframe?: boolean])[]) {
  const clock = new FragmentClock();
  return packets.flatMap(([time, decoded, keyframe = false]) => {
    clock.wrote(time, decoded, keyframe);
    return clock.isDue(time) ? [time] : [];
  });
}

function packets(count: number, interval: number, filmInterval: number) {
  return Array.from({ length: count }, (_, i) => [i * interval, i * filmInterval] as const);
}

test("a film in real time is left to libav", () => {
  assertEquals(ends(packets(300, 40, 40)), []);
  assertEquals(ends(packets(300, 4, 40)), []);
});

test("a film that is slower than the clock is cut by the clock", () => {
  assertEquals(ends(packets(12, 250, 25)), [750, 1_750, 2_750]);
});

test("a keyframe begins a fragment", () => {
  assertEquals(ends(packets(12, 250, 25).map(([t, d]) => [t, d, t % 500 === 0])), []);
});

test("what was written before a pause is ended in it, once", () => {
  const clock = new FragmentClock();
  assertEquals(clock.isDue(0), false);
  clock.wrote(100, 0, true);
  clock.wrote(140, FRAGMENT_MS - 1, false);
  assertEquals([849, 850, 851, 5_000].map((time) => clock.isDue(time)), [
    false,
    true,
    false,
    false,
  ]);
  clock.wrote(6_000, 40, false);
  assertEquals([6_100, 6_750].map((time) => clock.isDue(time)), [false, true]);
});
