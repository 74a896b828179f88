/** What a group says when it has no sets. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { GroupHint, type HintedMember } from "../../../src/group/group_hint.ts";

const EPOCH = 1_700_000_000_000;

/** A camera whose newest picture is of that time. */
function member(name: string, time: number | undefined, awaited = true): HintedMember {
  const newest = time === undefined
    ? undefined
    : { index: 1, time: EPOCH + time, arrival: EPOCH + time, cameraClock: false };
  return { name, awaited, newest };
}

/** What is said at these times, in seconds, all from one wait. */
function saidAt(seconds: readonly number[], ...members: readonly HintedMember[]): boolean[] {
  const hint = new GroupHint();
  return seconds.map((second) => hint.look(members, EPOCH + second * 1_000) !== undefined);
}

test("after five seconds without a set the camera that is behind is named", () => {
  const members = [member("left", 1_000), member("right", 690.4), member("top", 900)];
  const hint = new GroupHint();
  assertEquals(hint.look(members, EPOCH), undefined);
  assertEquals(hint.look(members, EPOCH + 4_999), undefined);
  assertEquals(
    hint.look(members, EPOCH + 5_000),
    'no set for 5 s: the newest picture of "right" is 310 ms behind; ' +
      "raise tolerance, or maxWait and buffers",
  );
});

test("it is said again after a minute, and not before", () => {
  const members = [member("left", 100), member("right", 0)];
  assertEquals(saidAt([0, 5, 6, 64, 65, 66, 125], ...members), [
    ...[false, true, false, false],
    ...[true, false, true],
  ]);
});

test("nothing is said of a camera that is away, which its own log tells", () => {
  assertEquals(saidAt([0, 10, 100], member("left", 0), member("right", 0, false)), [
    ...[false, false, false],
  ]);
  assertEquals(saidAt([0, 10, 100], member("left", 0), member("right", undefined)), [
    ...[false, false, false],
  ]);
});

test("the time without a set begins anew when a camera was away meanwhile", () => {
  const hint = new GroupHint();
  const [left, right] = [member("left", 100), member("right", 0)];
  assertEquals(hint.look([left, right], EPOCH), undefined);
  assertEquals(hint.look([left, member("right", 0, false)], EPOCH + 4_000), undefined);
  assertEquals(hint.look([left, right], EPOCH + 6_000), undefined);
  assertEquals(hint.look([left, right], EPOCH + 10_900), undefined);
  assertEquals(hint.look([left, right], EPOCH + 11_000) !== undefined, true);
});
