import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { ArrivalTimes } from "../../src/core/timeline.ts";

/** AV_NOPTS_VALUE. */
const NO_TIME = -(2n ** 63n);

test("of() is NaN before the first packet, of time 0 too", () => {
  const times = new ArrivalTimes();
  assertEquals([times.of(0n), times.of(5n)], [NaN, NaN]);
});

test("of() gives each packet's own arrival, in any order", () => {
  const times = new ArrivalTimes();
  // A stream with B-frames: decoded in another order than shown.
  const packets = [[0n, 10], [3n, 20], [1n, 30], [2n, 40], [6n, 50]] as const;
  for (const [timestamp, time] of packets) times.note(timestamp, time);
  for (const [timestamp, time] of [...packets].reverse()) assertEquals(times.of(timestamp), time);
});

test("of() gives the last arrival for a time that no packet had", () => {
  const times = new ArrivalTimes();
  times.note(1n, 10);
  times.note(2n, 20);
  assertEquals([times.of(9n), times.of(NO_TIME), times.of(0n)], [20, 20, 20]);
});

test("of() gives the later arrival where two packets had the same time", () => {
  for (const size of [2, 3, 4, 64]) {
    const times = new ArrivalTimes(size);
    for (let time = 0; time < 100; time++) {
      times.note(7n, time);
      assertEquals(times.of(7n), time);
    }
  }
});

test("of() forgets packets beyond its size, and gives the last arrival for them", () => {
  const times = new ArrivalTimes(3);
  for (const [timestamp, time] of [[1n, 10], [2n, 20], [3n, 30]] as const) {
    times.note(timestamp, time);
  }
  assertEquals([times.of(1n), times.of(3n)], [10, 30]);
  times.note(4n, 40);
  assertEquals([times.of(1n), times.of(2n), times.of(3n), times.of(4n)], [40, 20, 30, 40]);
});

test("times of 64 bits are kept exactly", () => {
  const times = new ArrivalTimes();
  const large = 2n ** 62n;
  times.note(large, 10);
  times.note(large + 1n, 20);
  times.note(-large, 30);
  times.note(NO_TIME, 40);
  times.note(0n, 50);
  assertEquals(
    [large, large + 1n, -large, NO_TIME].map((timestamp) => times.of(timestamp)),
    [10, 20, 30, 40],
  );
});
