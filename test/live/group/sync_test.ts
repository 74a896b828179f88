/** Cameras that run freely: what is in a set was taken at the same time, by their own pixels. */

import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StreamGroup } from "../../../mod.ts";
import { median, share } from "../../support/numbers.ts";
import type { StampCamera } from "../../support/stamp_camera.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { within } from "../../support/waiting.ts";
import { SLOW } from "../reading.ts";
import {
  assertInOrder,
  type SetNote,
  setsUntil,
  stamped,
  stampSkews,
  startStamped,
  takeSets,
  takeTimedSets,
} from "../rigs.ts";

/** Milliseconds by which pictures may be further apart: cameras are not quite even. */
const SLACK = 4;
/**
 * Two frames' times of day may differ by more or less than their moments: between the two,
 * the clock of this process was set to the system's.
 */
const SET_ANEW = 1;

/** Stops cameras that were started together. */
function owning(cameras: readonly StampCamera[]): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => void await Promise.all(cameras.map((one) => one.stop())),
  };
}

/**
 * Milliseconds from one picture of a camera to the next, as it has sent them: on a busy
 * machine an encoder does not keep up with the rate that the camera is set to.
 */
function periodOf(sets: readonly SetNote[], name: string): number {
  const [first, last] = [sets[0]!.pictures[name], sets[sets.length - 1]!.pictures[name]];
  return (last!.capture - first!.capture) / (last!.index - first!.index);
}

/** Of the slowest camera. */
function longestPeriod(sets: readonly SetNote[]): number {
  return Math.max(...Object.keys(sets[0]!.pictures).map((name) => periodOf(sets, name)));
}

/** The nearest picture of either camera is not further away. */
function halfPeriod(sets: readonly SetNote[]): number {
  return longestPeriod(sets) / 2;
}

/**
 * The pixels say so, and the set says what the pixels say. Of most sets: a camera on a
 * busy machine writes a stamp now and then long before it sends the picture.
 */
function assertSameMoment(sets: readonly SetNote[], bound: number): void {
  const skews = stampSkews(sets);
  assertGreater(skews.length, sets.length * 0.9, "stamps cannot be read");
  const about = skews.map((skew) => skew.toFixed(0)).join(" ");
  assertLessOrEqual(median(skews), bound, about);
  const told = sets.map(({ skew }) => skew);
  assertGreater(share(told, (skew) => skew <= bound + 6), 0.75, told.join(" "));
  assertLess(Math.abs(median(told) - median(skews)), 5, `${median(told)} is not ${about}`);
}

function ratesOf(sets: readonly SetNote[], name: string): number {
  const [first, last] = [sets[0]!.pictures[name], sets[sets.length - 1]!.pictures[name]];
  return (last!.index - first!.index) / (sets.length - 1);
}

test("two cameras by their own clocks, and by arrival: the nearest pictures", SLOW, async () => {
  const [left, right] = await startStamped({}, {});
  await using _ = owning([left!, right!]);
  const members = { left: stamped(left!), right: stamped(right!) };
  await using rig = new StreamGroup(members, { sync: "capture" });
  await using arriving = new StreamGroup(members);
  const [sets, others] = await Promise.all([takeTimedSets(rig, 60), takeSets(arriving, 90)]);
  assertInOrder(sets);
  assertSameMoment(sets, halfPeriod(sets) + SLACK);
  for (const { skew, time, pictures, missing } of sets) {
    const captures = [pictures.left!.capture, pictures.right!.capture];
    assertLess(Math.abs(skew - Math.abs(captures[0]! - captures[1]!)), SET_ANEW);
    assertLess(Math.abs(time - (captures[0]! + captures[1]!) / 2), SET_ANEW);
    assertEquals(missing, []);
  }
  // Most pictures have their set: a busy machine loses some, but not every other.
  assertLess(ratesOf(sets, "left"), 2);
  const stats = rig.stats();
  assertGreater(stats.sets, 59);
  assertEquals(stats.incomplete, 0);
  assertLess(stats.skew.p50, halfPeriod(sets) + SLACK);
  assertGreater(stats.members.left.delivered, 59);

  assertInOrder(others);
  for (const { skew, timeSource, pictures } of others) {
    assertEquals(timeSource, "arrival");
    assertLess(
      Math.abs(skew - Math.abs(pictures.left!.arrival - pictures.right!.arrival)),
      SET_ANEW,
    );
  }
  // A busy machine moves arrivals, but not most of them.
  const skews = others.slice(30).map(({ stampSkew }) => stampSkew);
  assertLess(median(skews), halfPeriod(sets) + 2 * SLACK, skews.join(" "));
});

test("four cameras of other sizes and codecs", SLOW, async () => {
  const cameras = await startStamped(
    {},
    { codec: "hevc" },
    { width: 960, height: 540 },
    { width: 512, height: 288, codec: "hevc" },
  );
  await using _ = owning(cameras);
  const [a, b, c, d] = cameras.map((camera) => stamped(camera));
  await using rig = new StreamGroup({ a: a!, b: b!, c: c!, d: d! }, { sync: "capture" });
  const sets = await takeTimedSets(rig, 40);
  assertInOrder(sets);
  // Of four phases the best window is wider than that of two, but within the longest period.
  assertSameMoment(sets, longestPeriod(sets));
  const { pictures } = sets[0]!;
  const sizes = Object.values(pictures).map(({ width, height }) => `${width}x${height}`);
  assertEquals(sizes, ["640x360", "640x360", "960x540", "512x288"]);
  assertEquals(Object.values(rig.streams).map(({ codec }) => codec), [
    ...["h264", "hevc", "h264", "hevc"],
  ]);
});

test("a camera that is started a second later is in step with the other one", SLOW, async () => {
  const [left] = await startStamped({});
  await using _left = left;
  await using rig = new StreamGroup<"left" | "right", "omit">(
    { left: stamped(left!), right: { url: "rtsp://127.0.0.1:1/stamp", reconnect: { delay: 50 } } },
    { sync: "capture", whenMissing: "omit" },
  );
  await within("sets of one", takeSets(rig, 5));
  await rig.remove("right");
  await sleep(1_000);
  const [right] = await startStamped({});
  await using _right = right;
  rig.add("right", stamped(right!));
  const sets = await setsUntil("sets of both", rig, (_, notes) => {
    return notes.filter(({ timeSource, missing }) => timeSource === "rtcp" && !missing.length)
      .length === 40;
  });
  const both = sets.filter(({ timeSource, missing }) => timeSource === "rtcp" && !missing.length);
  assertInOrder(sets);
  assertSameMoment(both, halfPeriod(both) + SLACK);
});

test("300 ms more on the way are made up for by the cameras' clocks alone", SLOW, async () => {
  const [near, far] = await startStamped({}, {});
  await using _ = owning([near!, far!]);
  await using proxy = await startProxy({ targetPort: far!.port });
  proxy.delay(300);
  const members = {
    near: stamped(near!),
    far: stamped(far!, proxy.url.replace("/stream", "/stamp")),
  };
  await using captured = new StreamGroup(members, { sync: "capture", maxWait: 500 });
  await using arrived = new StreamGroup(members, { sync: "arrival", maxWait: 500 });
  const [sets, others] = await Promise.all([takeTimedSets(captured, 60), takeSets(arrived, 60)]);
  assertInOrder(sets);
  assertSameMoment(sets, halfPeriod(sets) + SLACK);
  const late = sets.map(({ pictures }) => pictures.far!.arrival - pictures.near!.arrival);
  assertGreater(median(late), 250, "the way was not longer");
  assertLess(ratesOf(sets, "near"), 2);
  // What arrives at the same time was not taken at the same time.
  const skews = others.slice(20).map(({ stampSkew }) => stampSkew);
  assertGreater(median(skews), 250, skews.join(" "));
});

test(
  "ten pictures a second beside thirty: a set for each of the ten, or for all",
  SLOW,
  async () => {
    const [slow, fast] = await startStamped({ fps: 10 }, {});
    await using _ = owning([slow!, fast!]);
    const members = { slow: stamped(slow!), fast: stamped(fast!) };
    await using rig = new StreamGroup(members, { sync: "capture" });
    await using newest = new StreamGroup(members, { sync: "latest", maxWait: 30 });
    const [sets, others] = await Promise.all([takeTimedSets(rig, 30), takeSets(newest, 80)]);
    assertInOrder(sets);
    // The fast one has a picture near to each of the slow one's.
    assertSameMoment(sets, periodOf(sets, "fast") / 2 + SLACK);
    assertLess(ratesOf(sets, "slow"), 1.5);
    const rate = ratesOf(sets, "fast");
    assert(rate > 2 && rate < 5, String(rate));
    const { dropped } = rig.stats().members.fast;
    assertGreater(dropped.passed + dropped.unpaired, 40);

    // The newest of each: the slower one is in several sets with the same picture.
    assertInOrder(others, true);
    const later = others.slice(20);
    const different = (name: string) => new Set(later.map((one) => one.pictures[name]!.index)).size;
    assertGreater(different("fast"), 30);
    assertLess(different("slow"), 45);
    const ages = later.map(({ at, pictures }) => at - pictures.fast!.arrival);
    assertLess(median(ages), 80, ages.join(" "));
  },
);
