import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import type { SlotMeta } from "../../../src/core/shared/slot_table.ts";
import { MemberClock } from "../../../src/core/timing/member_clock.ts";

const EPOCH = 1_700_000_000_000;

/** A picture that was taken 20 ms before it was here, by a clock that is right. */
function picture(index: number, more: Partial<SlotMeta> = {}): SlotMeta {
  const arrivalTime = EPOCH + index * 40;
  return {
    index,
    pts: index / 25,
    arrivalTime,
    captureTime: arrivalTime - 20,
    cameraClock: true,
    keyframe: false,
    corrupt: false,
    sourceWidth: 64,
    sourceHeight: 48,
    readyTime: arrivalTime + 1,
    clockOffset: 0,
    orientation: 0,
    sampleAspectRatio: 1,
    ...more,
  };
}

/** Pictures of these times of arrival. */
function arriving(...times: readonly number[]): SlotMeta[] {
  return times.map((time, index) => picture(index, { arrivalTime: EPOCH + time }));
}

/** A picture whose camera's clock is so far ahead of its arrival. */
function ahead(index: number, milliseconds: number): SlotMeta {
  const { arrivalTime } = picture(index);
  return picture(index, { captureTime: arrivalTime + milliseconds });
}

test("the time of a picture is its arrival where cameras' clocks are not asked for", () => {
  const clock = new MemberClock(false, 100);
  const timed = clock.timed([picture(0), picture(1, { cameraClock: false })], 1);
  assertEquals(timed, [
    { index: 0, time: EPOCH, arrival: EPOCH, cameraClock: false },
    { index: 1, time: EPOCH + 40, arrival: EPOCH + 40, cameraClock: false },
  ]);
});

test('the time of a picture is its camera\'s for "capture"', () => {
  const clock = new MemberClock(true, 100);
  assertEquals(clock.timed([picture(3)], 1), [
    { index: 3, time: EPOCH + 100, arrival: EPOCH + 120, cameraClock: true },
  ]);
});

test("where the camera has not told, the time is what the stream has made of it", () => {
  const clock = new MemberClock(true, 100);
  const [timed] = clock.timed([picture(0, { cameraClock: false, captureTime: EPOCH - 7 })], 1);
  assertEquals([timed!.time, timed!.cameraClock], [EPOCH - 7, false]);
});

test("a clock that is ahead of the arrival by more than 50 ms is wrong", () => {
  const right = new MemberClock(true, 100).timed([ahead(0, 50)], 1)[0]!;
  assertEquals([right.time, right.cameraClock], [EPOCH + 50, true]);
  const wrong = new MemberClock(true, 100).timed([ahead(0, 50.5)], 1)[0]!;
  assertEquals([wrong.time, wrong.cameraClock], [EPOCH, false]);
});

test("a clock that is behind by more than a second, and than maxWait, is wrong", () => {
  for (
    const [maxWait, behind, isRight] of [
      [100, 1_000, true],
      [100, 1_001, false],
      [1_500, 1_500, true],
      [1_500, 1_501, false],
      [0, 1_000, true],
    ] as const
  ) {
    const [timed] = new MemberClock(true, maxWait).timed([ahead(0, -behind)], 1);
    assertEquals(timed!.cameraClock, isRight, `${behind} ms behind, maxWait ${maxWait}`);
    assertEquals(timed!.time, isRight ? EPOCH - behind : EPOCH);
  }
});

test("a wrong clock keeps its steps, laid on the fastest arrival", () => {
  const clock = new MemberClock(true, 100);
  const hour = 3_600_000;
  // They were taken every 40 ms and came 0, 12 and 3 ms later.
  const pictures = [0, 12, 3].map((late, index) => {
    const captureTime = EPOCH + hour + index * 40;
    return picture(index, { captureTime, arrivalTime: EPOCH + index * 40 + late });
  });
  assertEquals(clock.timed(pictures, 1).map(({ time }) => time - EPOCH), [0, 40, 80]);
});

test("a known delay is taken off the arrival, and off nothing that the camera tells", () => {
  const arriving40 = new MemberClock(false, 100, 200);
  const [seen] = arriving40.timed(arriving(40), 1);
  assertEquals([seen!.time, seen!.arrival, seen!.delay], [EPOCH - 160, EPOCH + 40, 200]);
  const told = new MemberClock(true, 100, 200);
  const right = told.timed([picture(0)], 1)[0]!;
  assertEquals([right.time, right.delay], [picture(0).captureTime, undefined]);
  const silent = told.timed([picture(1, { cameraClock: false, captureTime: EPOCH + 40 })], 1)[0]!;
  assertEquals([silent.time, silent.delay], [EPOCH - 160, 200]);
  assertEquals(new MemberClock(false, 100).timed(arriving(40), 1)[0]!.delay, undefined);
});

test("the distance of pictures is unknown before there are two", () => {
  const clock = new MemberClock(false, 100);
  assertEquals([clock.interval, clock.newest], [NaN, undefined]);
  clock.timed(arriving(0), 1);
  assertEquals(clock.interval, NaN);
  clock.timed(arriving(0, 40), 1);
  assertEquals(clock.interval, 40);
  assertEquals(clock.newest?.index, 1);
});

test("a picture that is looked at again is counted once", () => {
  const clock = new MemberClock(false, 100);
  const pictures = arriving(0, 40, 1_000);
  for (let look = 0; look < 20; look++) clock.timed(pictures.slice(0, 2), 1);
  clock.timed(pictures, 1);
  // Of 40 and 960; twenty times 40 would hide the other.
  assertEquals(clock.interval, 40);
  const again = clock.timed(pictures, 1);
  assert(clock.timed(pictures, 1).every((one, i) => one === again[i]), "other objects");
});

test("every other distance may have gaps in it", () => {
  const clock = new MemberClock(false, 100);
  const times = Array.from({ length: 20 }, (_, i) => (i >> 1) * 120 + (i % 2) * 40);
  clock.timed(arriving(...times), 1);
  assertEquals(clock.interval, 40);
});

test("uneven arrivals have the usual distance", () => {
  const clock = new MemberClock(false, 100);
  const late = [0, 9, 1, 4, 0, 7, 2, 0, 8, 3, 1, 0];
  clock.timed(arriving(...late.map((ms, i) => i * 40 + ms)), 1);
  assertAlmostEquals(clock.interval, 40, 6);
});

test("a new rate is known after nine pictures", () => {
  const clock = new MemberClock(false, 100);
  const times = Array.from({ length: 20 }, (_, i) => i * 40);
  const slower = Array.from({ length: 9 }, (_, i) => 760 + (i + 1) * 100);
  clock.timed(arriving(...times, ...slower), 1);
  assertEquals(clock.interval, 100);
});

test("a new connection has a clock of its own, and the rate of the one before", () => {
  const clock = new MemberClock(true, 100);
  const wrong = [ahead(0, 500), ahead(1, 500)];
  assertEquals(clock.timed(wrong, 1).map(({ cameraClock }) => cameraClock), [false, false]);
  assertEquals(clock.interval, 40);
  clock.timed([], 2);
  assertEquals(clock.newest, undefined);
  // 40 ms ahead: right in a new connection, but not for a clock that was wrong.
  assertEquals(clock.timed([ahead(9, 40)], 2)[0]!.cameraClock, true);
  // The time between the connections is no distance.
  assertEquals([clock.interval, clock.newest?.index], [40, 9]);
  const same = new MemberClock(true, 100);
  same.timed(wrong, 1);
  assertEquals(same.timed([ahead(9, 40)], 1)[0]!.cameraClock, false);
});

test("an older picture that is looked at late turns no time back", () => {
  const clock = new MemberClock(false, 100);
  const pictures = arriving(0, 40, 80, 120, 160);
  clock.timed([...pictures.slice(0, 2), pictures[3]!], 1);
  const before = clock.interval;
  assertEquals(clock.timed([pictures[2]!], 1)[0]!.time, EPOCH + 80);
  assertEquals([clock.newest?.index, clock.interval], [3, before]);
  clock.timed([pictures[4]!], 1);
  assertEquals([clock.newest?.index, clock.interval], [4, 40]);
});

test("of thousands of pictures the recent ones are known", () => {
  const clock = new MemberClock(false, 100);
  const waiting = arriving(0, 40, 80);
  const known = clock.timed(waiting, 1);
  for (let index = 3; index < 5_000; index++) clock.timed([picture(index)], 1);
  assertEquals(clock.newest?.index, 4_999);
  // Noted anew: the same times, but not the same notes.
  const anew = clock.timed(waiting, 1);
  assertEquals(anew, known);
  assert(anew.every((one, i) => one !== known[i]));
  const recent = Array.from({ length: 60 }, (_, i) => picture(4_940 + i));
  const kept = clock.timed(recent, 1);
  assert(clock.timed(recent, 1).every((one, i) => one === kept[i]));
});
