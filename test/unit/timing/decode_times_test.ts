import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { DecodeTimes } from "../../../src/core/timing/decode_times.ts";
import { forAll } from "../property.ts";

/** At 30 fps in RTP's time base. */
const FRAME = 3_000n;
/** How many packets are looked at before the first one is given out, as a recorder does it. */
const LOOK_AHEAD = 8;

/** The decoding times of packets with these times, in the order of decoding. */
function decode(times: DecodeTimes, pts: readonly bigint[]): bigint[] {
  const head = pts.slice(0, LOOK_AHEAD);
  head.forEach((time) => times.learn(time));
  return pts.map((time, i) => {
    if (i >= head.length) times.learn(time);
    return times.next(time);
  });
}

/** Places in the order of display to times, from `start` on. */
function stamps(places: readonly number[], start = 90_000n): bigint[] {
  return places.map((place) => start + BigInt(place) * FRAME);
}

/**
 * Pictures between two others, in the order of decoding: one of them is decoded
 * first, then those on both sides of it, which may refer to it.
 */
function pyramid(from: number, to: number, pick: (from: number, to: number) => number): number[] {
  if (from > to) return [];
  const middle = pick(from, to);
  return [middle, ...pyramid(from, middle - 1, pick), ...pyramid(middle + 1, to, pick)];
}

/** Groups of so many pictures: the last is decoded first, the others as `pick` says. */
function order(
  groups: readonly number[],
  pick: (from: number, to: number) => number,
): number[] {
  const places = [0];
  let last = 0;
  for (const size of groups) {
    places.push(last + size, ...pyramid(last + 1, last + size - 1, pick));
    last += size;
  }
  return places;
}

const IN_ORDER = (from: number) => from;
const HALVES = (from: number, to: number) => (from + to) >> 1;
const BACKWARDS = (_: number, to: number) => to;

/** The most pictures that are decoded before one, and shown after it. */
function depthOf(places: readonly number[]): number {
  return Math.max(
    ...places.map((place, i) => places.slice(0, i).filter((other) => other > place).length),
  );
}

/** Every time is above the last one, and none is after the picture is shown. */
function assertValid(pts: readonly bigint[], dts: readonly bigint[], message = ""): void {
  assertEquals(dts.length, pts.length, message);
  dts.forEach((time, i) => {
    const at = `${message} packet ${i}: pts ${pts[i]}, dts ${time}, before ${dts[i - 1]}`;
    assertLessOrEqual(time, pts[i], at);
    if (i > 0) assertGreater(time, dts[i - 1], at);
  });
}

test("pictures that are decoded in the order of display are decoded when they are shown", () => {
  forAll(20, (random) => {
    let time = random.pick([0n, 90_000n, -5n, 2n ** 40n]);
    const pts = Array.from({ length: 200 }, () => time += BigInt(random.integer(1, 9_000)));
    const times = new DecodeTimes(FRAME);
    assertEquals(decode(times, pts), pts);
    assertEquals(times.depth, 0);
  });
});

test("every pattern has the depth of its reordering", () => {
  const rows: readonly (readonly [string, readonly number[], number])[] = [
    ["IPPP", order([1, 1, 1, 1], IN_ORDER), 0],
    ["IBPBP", order([2, 2, 2], IN_ORDER), 1],
    ["IBBPBBP", order([3, 3, 3], IN_ORDER), 1],
    ["IBBBP", order([4, 4], IN_ORDER), 1],
    ["IbBbP", order([4, 4], HALVES), 2],
    ["IbBbBbBbP", order([8, 8], HALVES), 3],
    ["backwards", order([5, 5], BACKWARDS), 4],
    ["backwards", order([7, 7], BACKWARDS), 6],
  ];
  for (const [name, places, depth] of rows) {
    const times = new DecodeTimes(FRAME);
    const pts = stamps(places);
    assertEquals(depthOf(places), depth, name);
    assertValid(pts, decode(times, pts), name);
    assertEquals(times.depth, depth, name);
  }
});

test("IBBP: the times are those of display, late by one picture", () => {
  const pts = stamps([0, 3, 1, 2, 6, 4, 5, 9, 7, 8]);
  const dts = decode(new DecodeTimes(FRAME), pts);
  assertEquals(dts, stamps([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8]));
});

test("a pyramid: the times are those of display, late by two pictures", () => {
  const pts = stamps([0, 4, 2, 1, 3, 8, 6, 5, 7]);
  const dts = decode(new DecodeTimes(FRAME), pts);
  assertEquals(dts, stamps([-2, -1, 0, 1, 2, 3, 4, 5, 6]));
});

test("the time of one picture may be guessed wrong, or not at all", () => {
  const pts = stamps([0, 4, 2, 1, 3, 8, 6, 5, 7]);
  for (const step of [-5n, 0n, 1n, 2_999n, 90_000n, 2n ** 33n]) {
    const dts = decode(new DecodeTimes(step), pts);
    assertValid(pts, dts, `step ${step}`);
    // Only those before the first one are made up.
    assertEquals(dts.slice(2), stamps([0, 1, 2, 3, 4, 5, 6]));
  }
});

test("looking ahead over fewer packets than there will be is enough for one pattern", () => {
  for (const count of [1, 2, 5, 7, 8, 9]) {
    const pts = stamps(order([4, 4], HALVES)).slice(0, count);
    assertValid(pts, decode(new DecodeTimes(FRAME), pts), `${count} packets`);
  }
});

test("any pyramid, whose depth is seen beforehand, gets times that a container takes", () => {
  forAll(500, (random) => {
    const pick = random.pick([
      IN_ORDER,
      HALVES,
      BACKWARDS,
      (from: number, to: number) => random.integer(from, to),
    ]);
    // One whole group is looked at.
    const size = random.integer(1, LOOK_AHEAD - 1);
    const group = order([size], pick).slice(1);
    const places = [0];
    for (let at = 0; at < 100; at += size) places.push(...group.map((place) => at + place));
    const start = random.pick([0n, 90_000n, -900_000n, 2n ** 33n]);
    // Each picture is shown for a time of its own.
    let time = start;
    const shown = places.map(() => time += BigInt(random.integer(1, 6_000)));
    const pts = places.map((place) => shown[place]!);
    const times = new DecodeTimes(random.pick([1n, FRAME, 10n * FRAME]));
    const message = `group ${group}`;
    assertValid(pts, decode(times, pts), message);
    assertEquals(times.depth, depthOf(places), message);
  });
});

test("groups of other lengths may follow, as long as none is deeper than the first", () => {
  forAll(500, (random) => {
    const pick = random.pick([IN_ORDER, HALVES, BACKWARDS]);
    const first = random.integer(1, LOOK_AHEAD - 1);
    const depth = depthOf(order([first], pick));
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8].filter((size) => depthOf(order([size], pick)) <= depth);
    const groups = [first, ...Array.from({ length: 30 }, () => random.pick(sizes))];
    const pts = stamps(order(groups, pick));
    const times = new DecodeTimes(FRAME);
    assertValid(pts, decode(times, pts), `groups ${groups}`);
    assertEquals(times.depth, depth);
  });
});

test("no picture is decoded earlier than its depth asks for", () => {
  for (const pick of [IN_ORDER, HALVES, BACKWARDS]) {
    const places = order([6, 6, 6, 6, 6, 6, 6, 6], pick);
    const dts = decode(new DecodeTimes(FRAME), stamps(places));
    const sorted = stamps([...places].sort((a, b) => a - b));
    const depth = depthOf(places);
    assertEquals(dts.slice(depth), sorted.slice(0, sorted.length - depth), `depth ${depth}`);
  }
});

test("a stream that begins with pictures of an earlier group has rising times, right after them", () => {
  // As one that is joined at a keyframe of an open group.
  const pts = stamps([2, 0, 1, 5, 3, 4, 8, 6, 7, 11, 9, 10]);
  const dts = decode(new DecodeTimes(FRAME), pts);
  for (let i = 1; i < dts.length; i++) assertGreater(dts[i], dts[i - 1], `packet ${i}`);
  assertValid(pts.slice(3), dts.slice(3));
});

test("deeper reordering that comes later leaves the times rising, and is made up for", () => {
  const places = order([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4], HALVES);
  const pts = stamps(places);
  const times = new DecodeTimes(FRAME);
  const dts = decode(times, pts);
  for (let i = 1; i < dts.length; i++) assertGreater(dts[i], dts[i - 1], `packet ${i}`);
  assertEquals(times.depth, 2);
  // One group later the delay is there.
  const settled = places.indexOf(18);
  assertValid(pts.slice(settled), dts.slice(settled));
});

test("times that wrap, jump or repeat are never refused, and give rising times up to a restart", () => {
  forAll(200, (random) => {
    const times = new DecodeTimes(random.pick([1n, FRAME]));
    const pts: bigint[] = [];
    let time = random.pick([0n, 2n ** 33n - 100_000n, 2n ** 32n - 50_000n]);
    for (let i = 0; i < 200; i++) {
      const jump = random.integer(0, 40);
      if (jump === 0) time -= 2n ** 33n;
      else if (jump === 1) time += BigInt(random.integer(1, 2 ** 40));
      else if (jump === 2) time -= BigInt(random.integer(1, 900_000));
      else if (jump > 4) time += FRAME;
      pts.push(time);
    }
    const dts = decode(times, pts);
    for (let i = 1; i < dts.length; i++) {
      // Before so many others is not an order of pictures, but a new beginning.
      const restart = pts.slice(0, i).filter((earlier) => earlier > pts[i]!).length > 16;
      if (!restart) assertGreater(dts[i], dts[i - 1], `packet ${i}`);
    }
    assert(times.depth <= 16, `${times.depth}`);
  });
});

test("times that repeat hold no picture back", () => {
  const pts = stamps([0, 1, 1, 2, 2, 2, 3, 4, 5, 5, 6, 7]);
  const times = new DecodeTimes(FRAME);
  assertEquals(
    decode(times, pts),
    pts.map((time, i) => {
      return time + BigInt(i - pts.indexOf(time));
    }),
  );
  assertEquals(times.depth, 0);
});

test("a jump forwards is followed at once", () => {
  const pts = [...stamps([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), ...stamps([0, 1, 2], 2n ** 40n)];
  assertEquals(decode(new DecodeTimes(FRAME), pts), pts);
});

test("never more than sixteen pictures are held back", () => {
  const places = order([40, 40], BACKWARDS);
  const times = new DecodeTimes(FRAME);
  decode(times, stamps(places));
  assertEquals(times.depth, 16);
});
