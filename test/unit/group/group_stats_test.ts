import { assertEquals } from "@std/assert";
import { test } from "node:test";
import type { Candidate, Lane } from "../../../src/core/timing/pairing.ts";
import { GroupCounts } from "../../../src/group/group_stats.ts";

const NOTHING = { delivered: 0, missing: 0, dropped: { unpaired: 0, passed: 0 } };

interface Part {
  readonly member: { readonly name: string };
  readonly lane: Lane;
}

/** A camera with pictures of these times; their indexes are the times. */
function part(name: string, times: readonly number[], more: Partial<Lane> = {}): Part {
  const candidates = times.map((time) => ({ index: time, time, arrival: time }));
  return { member: { name }, lane: { candidates, awaited: true, ...more } };
}

/** Notes the set of these pictures. */
function note(counts: GroupCounts, parts: readonly Part[], times: readonly (number | undefined)[]) {
  const picks = parts.map(({ lane }, i): Candidate | undefined => {
    return [...lane.candidates, ...lane.current ? [lane.current] : []]
      .find(({ time }) => time === times[i]);
  });
  counts.note(parts, picks, 20);
}

test("before the first set nothing is counted, and the skew is unknown", () => {
  const stats = new GroupCounts().stats(["left", "right"]);
  assertEquals(stats, {
    sets: 0,
    incomplete: 0,
    skew: { p50: NaN, p95: NaN, p99: NaN },
    members: { left: NOTHING, right: NOTHING },
  });
});

test("sets, their skew and the frames in them are counted", () => {
  const counts = new GroupCounts();
  for (const skew of [2, 4, 6]) {
    note(counts, [part("left", [100]), part("right", [100 + skew])], [100, 100 + skew]);
  }
  const { sets, incomplete, skew, members } = counts.stats(["left", "right"]);
  assertEquals([sets, incomplete, skew.p50, skew.p99], [3, 0, 4, 6]);
  assertEquals(members.left, { ...NOTHING, delivered: 3 });
  assertEquals(members.right, { ...NOTHING, delivered: 3 });
});

test("a set that lacks a camera is incomplete, and the camera is missing", () => {
  const counts = new GroupCounts();
  const parts = [part("left", [100]), part("right", []), part("top", [103])];
  note(counts, parts, [100, undefined, 103]);
  const { sets, incomplete, skew, members } = counts.stats(["left", "right", "top"]);
  assertEquals([sets, incomplete, skew.p50], [1, 1, 3]);
  assertEquals(members.right, { ...NOTHING, missing: 1 });
  assertEquals(members.top, { ...NOTHING, delivered: 1 });
});

test("pictures that are passed over are counted by why", () => {
  const counts = new GroupCounts();
  // Of left, 10 had nobody near; 80 had 95; 110 comes after the one that was chosen.
  note(counts, [part("left", [10, 80, 100, 110]), part("right", [95])], [100, 95]);
  const { left, right } = counts.stats(["left", "right"]).members;
  assertEquals(left, { delivered: 1, missing: 0, dropped: { unpaired: 1, passed: 1 } });
  assertEquals(right, { ...NOTHING, delivered: 1 });
});

test("a picture that had a partner of one camera but not of another one is unpaired", () => {
  const counts = new GroupCounts();
  const parts = [part("left", [60, 100]), part("right", [60, 100]), part("top", [100])];
  note(counts, parts, [100, 100, 100]);
  assertEquals(counts.stats(["left"]).members.left.dropped, { unpaired: 1, passed: 0 });
});

test("a camera that is away is no reason for a picture to be unpaired", () => {
  const counts = new GroupCounts();
  const parts = [part("left", [60, 100]), part("right", [], { awaited: false })];
  note(counts, parts, [100, undefined]);
  assertEquals(counts.stats(["left"]).members.left.dropped, { unpaired: 0, passed: 1 });
});

test("a picture that is in one set after the other is delivered once", () => {
  const counts = new GroupCounts();
  const current = { index: 90, time: 90, arrival: 90 };
  note(counts, [part("left", [90]), part("right", [95])], [90, 95]);
  note(counts, [part("left", [], { current }), part("right", [130])], [90, 130]);
  const { sets, members } = counts.stats(["left", "right"]);
  assertEquals([sets, members.left.delivered, members.right.delivered], [2, 1, 2]);
});

test("the skew is that of the last 512 sets", () => {
  const counts = new GroupCounts();
  for (let set = 0; set < 600; set++) {
    note(counts, [part("left", [0]), part("right", [set < 88 ? 19 : 1])], [0, set < 88 ? 19 : 1]);
  }
  assertEquals(counts.stats([]).skew, { p50: 1, p95: 1, p99: 1 });
  assertEquals(counts.stats([]).sets, 600);
});

test("only cameras that are asked for are told of", () => {
  const counts = new GroupCounts();
  note(counts, [part("left", [0]), part("right", [0])], [0, 0]);
  assertEquals(Object.keys(counts.stats(["right", "new"]).members), ["right", "new"]);
  assertEquals(counts.stats(["right", "new"]).members.new, NOTHING);
});
