import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { PacketNotes } from "../../../src/core/timing/packet_notes.ts";

/** AV_NOPTS_VALUE. */
const NO_TIME = -(2n ** 63n);

test("nothing is known before the first packet, of time 0 neither", () => {
  const times = new PacketNotes();
  assertEquals([times.of(0n), times.of(5n), times.last], [undefined, undefined, NaN]);
});

test("of() gives what was noted of each packet, in any order", () => {
  const times = new PacketNotes();
  // A stream with B-frames: decoded in another order than shown.
  const packets = [[0n, 10], [3n, 20], [1n, 30], [2n, 40], [6n, 50]] as const;
  for (const [timestamp, time] of packets) times.note(timestamp, time);
  for (const [timestamp, time] of [...packets].reverse()) assertEquals(times.of(timestamp), time);
});

test("of() knows nothing of a time that no packet had; last is what was noted last", () => {
  const times = new PacketNotes();
  times.note(1n, 10);
  times.note(2n, 20);
  assertEquals([times.of(9n), times.of(NO_TIME), times.of(0n)], [undefined, undefined, undefined]);
  assertEquals(times.last, 20);
});

test("of() gives the later number where two packets had the same time", () => {
  for (const size of [2, 3, 4, 64]) {
    const times = new PacketNotes(size);
    for (let time = 0; time < 100; time++) {
      times.note(7n, time);
      assertEquals(times.of(7n), time);
    }
  }
});

test("of() forgets packets beyond its size", () => {
  const times = new PacketNotes(3);
  for (const [timestamp, time] of [[1n, 10], [2n, 20], [3n, 30]] as const) {
    times.note(timestamp, time);
  }
  assertEquals([times.of(1n), times.of(3n)], [10, 30]);
  times.note(4n, 40);
  assertEquals([times.of(1n), times.of(2n), times.of(3n), times.of(4n)], [undefined, 20, 30, 40]);
});

test("many packets of one time do not displace those of another", () => {
  const times = new PacketNotes(3);
  times.note(1n, 10);
  for (let value = 0; value < 100; value++) times.note(2n, value);
  assertEquals([times.of(1n), times.of(2n), times.last], [10, 99, 99]);
});

test("times of 64 bits are kept exactly", () => {
  const times = new PacketNotes();
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
