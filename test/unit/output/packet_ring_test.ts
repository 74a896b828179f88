import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { PacketRing } from "../../../src/core/output/packet_ring.ts";
import type { StreamPacket } from "../../../src/core/output/stream_packet.ts";
import { type Drawn, forAll } from "../property.ts";

const KEY = true;
const NO_LIMIT = 2 ** 33;

function packet(time: number, keyframe = false, bytes = 1): StreamPacket {
  const stamp = BigInt(Math.round(time * 90));
  return {
    stream: 0,
    data: new Uint8Array(bytes),
    pts: stamp,
    dts: stamp,
    keyframe,
    time,
    mended: false,
  };
}

/** All that is in the ring. */
function kept(ring: PacketRing): readonly StreamPacket[] {
  return ring.since(-Infinity);
}

function timesOf(packets: readonly StreamPacket[]): number[] {
  return packets.map(({ time }) => time);
}

/** A packet every `step` milliseconds from 0 to `until`, a keyframe every `gop` packets. */
function steady(ring: PacketRing, until: number, step: number, gop: number, bytes = 1): void {
  for (let i = 0; i * step <= until; i++) ring.push(packet(i * step, i % gop === 0, bytes));
}

test("a new ring has nothing", () => {
  const ring = new PacketRing(1_000, 1_000);
  assertEquals([ring.bytes, ring.duration], [0, 1_000]);
  assertEquals([ring.since(0), ring.since(Infinity), ring.since(-Infinity)], [[], [], []]);
});

test("what comes before the first keyframe is not kept", () => {
  const ring = new PacketRing(1_000, 1_000);
  for (const time of [0, 40, 80]) ring.push(packet(time));
  assertEquals([ring.bytes, kept(ring)], [0, []]);
  const first = packet(120, KEY);
  ring.push(first);
  ring.push(packet(160));
  assertEquals(timesOf(kept(ring)), [120, 160]);
  assertEquals(kept(ring)[0] === first, true);
});

test("the packets are those that were pushed, in their order", () => {
  const ring = new PacketRing(10_000, NO_LIMIT);
  const pushed = Array.from({ length: 50 }, (_, i) => packet(i * 40, i % 12 === 0, i));
  pushed.forEach((item) => ring.push(item));
  const found = kept(ring);
  assertEquals(found.length, 50);
  found.forEach((item, i) => assert(item === pushed[i], `packet ${i}`));
});

test("a group of pictures goes when the duration is there without it", () => {
  const ring = new PacketRing(1_000, NO_LIMIT);
  // A keyframe every 500 ms.
  steady(ring, 1_400, 100, 5);
  assertEquals(timesOf(kept(ring))[0], 0);
  ring.push(packet(1_500, KEY));
  // Since 500 is a second.
  assertEquals(timesOf(kept(ring))[0], 500);
  for (const time of [1_600, 1_700, 1_800, 1_900]) ring.push(packet(time));
  assertEquals(timesOf(kept(ring))[0], 500);
  ring.push(packet(2_000, KEY));
  assertEquals(timesOf(kept(ring))[0], 1_000);
});

test("after a gap nothing is kept but what the duration asks for", () => {
  const ring = new PacketRing(1_000, NO_LIMIT);
  steady(ring, 1_400, 100, 5);
  ring.push(packet(60_000));
  // The last group is needed: what was shown a second ago is in it.
  assertEquals(timesOf(kept(ring)), [1_000, 1_100, 1_200, 1_300, 1_400, 60_000]);
  ring.push(packet(61_000, KEY));
  assertEquals(timesOf(kept(ring))[0], 1_000);
  ring.push(packet(62_000, KEY));
  assertEquals(timesOf(kept(ring)), [61_000, 62_000]);
});

test("groups go, the oldest first, when there are too many bytes", () => {
  const ring = new PacketRing(1e6, 100);
  ring.push(packet(0, KEY, 40));
  ring.push(packet(40, KEY, 20));
  ring.push(packet(80, false, 20));
  ring.push(packet(120, KEY, 20));
  assertEquals([ring.bytes, timesOf(kept(ring))], [100, [0, 40, 80, 120]]);
  ring.push(packet(160, false, 1));
  assertEquals([ring.bytes, timesOf(kept(ring))], [61, [40, 80, 120, 160]]);
  ring.push(packet(200, false, 79));
  assertEquals([ring.bytes, timesOf(kept(ring))], [100, [120, 160, 200]]);
});

test("a group that is too large alone is cleared, and the next keyframe is a new beginning", () => {
  const ring = new PacketRing(10_000, 100);
  ring.push(packet(0, KEY, 60));
  ring.push(packet(40, false, 40));
  assertEquals([ring.bytes, timesOf(kept(ring))], [100, [0, 40]]);
  ring.push(packet(80, false, 1));
  assertEquals([ring.bytes, kept(ring)], [0, []]);
  // What is left of that group cannot be decoded.
  ring.push(packet(120, false, 1));
  assertEquals([ring.bytes, kept(ring)], [0, []]);
  ring.push(packet(160, KEY, 50));
  ring.push(packet(200, false, 10));
  assertEquals([ring.bytes, timesOf(kept(ring))], [60, [160, 200]]);
});

test("a keyframe that is too large alone is not kept, nor is what was before it", () => {
  const ring = new PacketRing(10_000, 100);
  ring.push(packet(0, KEY, 10));
  ring.push(packet(40, KEY, 101));
  assertEquals([ring.bytes, kept(ring)], [0, []]);
  ring.push(packet(80, false, 1));
  assertEquals([ring.bytes, kept(ring)], [0, []]);
  ring.push(packet(120, KEY, 100));
  assertEquals([ring.bytes, timesOf(kept(ring))], [100, [120]]);
});

test("since() begins with the last keyframe up to that time", () => {
  const ring = new PacketRing(10_000, NO_LIMIT);
  steady(ring, 1_400, 100, 5);
  const rows: readonly (readonly [number, number])[] = [
    [0, 0],
    [499.9, 0],
    [500, 500],
    [999, 500],
    [1_000, 1_000],
    [1_400, 1_000],
    [1e12, 1_000],
    [Infinity, 1_000],
    // From the first keyframe, where there is none before.
    [-1, 0],
    [-Infinity, 0],
  ];
  for (const [time, first] of rows) {
    const found = timesOf(ring.since(time));
    assertEquals([found[0], found.at(-1)], [first, 1_400], String(time));
    assertEquals(found.length, (1_400 - first) / 100 + 1, String(time));
  }
});

test("what since() gave is not changed by what comes later", () => {
  const ring = new PacketRing(200, NO_LIMIT);
  steady(ring, 400, 100, 1);
  const before = ring.since(-Infinity);
  const times = timesOf(before);
  for (const time of [500, 600, 700]) ring.push(packet(time, KEY));
  ring.clear();
  assertEquals(timesOf(before), times);
});

test("a ring without a duration keeps nothing", () => {
  const ring = new PacketRing(0, NO_LIMIT);
  steady(ring, 1_000, 100, 1);
  assertEquals([ring.bytes, kept(ring)], [0, []]);
});

test("clear() takes everything, and the next keyframe is a new beginning", () => {
  const ring = new PacketRing(1_000, 1_000);
  steady(ring, 500, 100, 2, 10);
  ring.clear();
  assertEquals([ring.bytes, kept(ring)], [0, []]);
  ring.push(packet(600, false, 10));
  assertEquals([ring.bytes, kept(ring)], [0, []]);
  ring.push(packet(700, KEY, 10));
  assertEquals([ring.bytes, timesOf(kept(ring))], [10, [700]]);
  ring.clear();
  ring.clear();
  assertEquals(ring.bytes, 0);
});

/** A stream of groups of uneven length and size, with gaps. */
function* stream(random: Drawn, count: number): Generator<StreamPacket> {
  let time = random.integer(0, 1_000_000);
  let left = random.integer(0, 5);
  for (let i = 0; i < count; i++) {
    const keyframe = left-- <= 0;
    if (keyframe) left = random.pick([0, 1, 5, 30]) + random.integer(0, 3);
    yield packet(time, keyframe, keyframe ? random.integer(20, 60) : random.integer(0, 10));
    time += random.pick([0, 10, 40, 40, 40, 200, random.number() < 0.02 ? 20_000 : 40]);
  }
}

test("it begins with a keyframe and is bounded in bytes and time, whatever comes", () => {
  forAll(100, (random) => {
    const duration = random.pick([1, 100, 1_000, 10_000]);
    const maxBytes = random.pick([15, 50, 200, 2_000, NO_LIMIT]);
    const ring = new PacketRing(duration, maxBytes);
    for (const item of stream(random, 200)) {
      ring.push(item);
      const found = kept(ring);
      const message = JSON.stringify({ duration, maxBytes, time: item.time });
      assertEquals(ring.bytes, found.reduce((sum, { data }) => sum + data.length, 0), message);
      assertLessOrEqual(ring.bytes, maxBytes, message);
      if (found.length === 0) continue;
      assert(found[0]!.keyframe, message);
      assert(found.at(-1) === item, message);
      // Without the first group it would be too short.
      const second = found.find(({ keyframe }, i) => i > 0 && keyframe);
      if (second) assertGreater(second.time, item.time - duration, message);
    }
  });
});

test("it has all from the last keyframe before the duration on, while the bytes allow it", () => {
  forAll(100, (random) => {
    const duration = random.pick([1, 100, 1_000, 10_000]);
    const ring = new PacketRing(duration, NO_LIMIT);
    const all: StreamPacket[] = [];
    for (const item of stream(random, 200)) {
      ring.push(item);
      if (all.length > 0 || item.keyframe) all.push(item);
      const before = all.findLastIndex((p) => p.keyframe && p.time <= item.time - duration);
      const expected = all.slice(Math.max(0, before));
      const found = kept(ring);
      const message = JSON.stringify({ duration, time: item.time });
      assertEquals(found.length, expected.length, message);
      assert(found[0] === expected[0] && found.at(-1) === expected.at(-1), message);
      assertEquals(ring.since(item.time - duration)[0] === expected[0], true, message);
    }
  });
});

test("too few bytes take whole groups, and no more than are needed", () => {
  forAll(100, (random) => {
    const maxBytes = random.pick([60, 100, 300, 1_000]);
    const ring = new PacketRing(1e9, maxBytes);
    let all: StreamPacket[] = [];
    for (const item of stream(random, 200)) {
      ring.push(item);
      if (all.length > 0 || item.keyframe) all.push(item);
      const sizeFrom = (i: number) => all.slice(i).reduce((sum, p) => sum + p.data.length, 0);
      const first = all.findIndex((p, i) => p.keyframe && sizeFrom(i) <= maxBytes);
      all = first < 0 ? [] : all.slice(first);
      const found = kept(ring);
      assertEquals(timesOf(found), timesOf(all), `${maxBytes} bytes`);
      assertEquals(found[0] === all[0], true);
    }
  });
});
