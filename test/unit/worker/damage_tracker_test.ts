import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { DamageTracker } from "../../../src/worker/read/damage_tracker.ts";

/** What a decoder gives out. */
function picture(timestamp: bigint, { keyframe = false, damaged = false } = {}) {
  return { timestamp, keyframe, damaged };
}

const KEY = { keyframe: true };

/** A connection whose first keyframe, at time 0, was decoded. */
function begun(codec = "h264"): DamageTracker {
  const tracker = new DamageTracker(codec);
  assertEquals(tracker.mayDecode(true, true), true);
  assertEquals(tracker.isDamaged(picture(0n, KEY)), false);
  return tracker;
}

for (const codec of ["h264", "hevc", "mpeg4", "mpeg2video"]) {
  test(`${codec}: pictures before the first keyframe cannot be whole`, () => {
    const tracker = new DamageTracker(codec);
    assertEquals(tracker.mayDecode(true, false), false);
    // Parameter sets can always be decoded.
    assertEquals(tracker.mayDecode(false, false), true);
    assertEquals(tracker.isDamaged(picture(1n)), true);
    assertEquals(tracker.mayDecode(true, true), true);
    assertEquals(tracker.isDamaged(picture(2n, KEY)), false);
    assertEquals(tracker.mayDecode(true, false), true);
    assertEquals(tracker.isDamaged(picture(3n)), false);
  });
}

test("a codec whose decoder waits by itself is decoded from the first packet on", () => {
  for (const codec of ["mjpeg", "vp8", "vp9", "av1"]) {
    const tracker = new DamageTracker(codec);
    assertEquals(tracker.mayDecode(true, false), true);
    assertEquals(tracker.isDamaged(picture(1n)), false);
  }
});

test("after a loss all pictures lack something, until a keyframe", () => {
  const tracker = begun();
  assertEquals(tracker.isDamaged(picture(1n)), false);
  tracker.noteLoss(2n, false);
  for (const time of [2n, 3n, 4n]) assertEquals(tracker.isDamaged(picture(time)), true);
  assertEquals(tracker.isDamaged(picture(5n, KEY)), false);
  assertEquals(tracker.isDamaged(picture(6n)), false);
});

test("a keyframe that lacks something itself does not end it", () => {
  const tracker = begun();
  tracker.noteLoss(2n, true);
  assertEquals(tracker.isDamaged(picture(2n, KEY)), true);
  assertEquals(tracker.isDamaged(picture(3n)), true);
  assertEquals(tracker.isDamaged(picture(4n, KEY)), false);
});

test("a loss before the first keyframe is no damage after it", () => {
  const tracker = new DamageTracker("h264");
  tracker.noteLoss(0n, false);
  tracker.mayDecode(true, true);
  assertEquals(tracker.isDamaged(picture(1n, KEY)), false);
});

test("a loss in the first keyframe is damage, by its time", () => {
  const tracker = new DamageTracker("h264");
  tracker.noteLoss(1n, true);
  tracker.mayDecode(true, true);
  assertEquals(tracker.isDamaged(picture(1n, KEY)), true);
  assertEquals(tracker.isDamaged(picture(2n)), true);
});

test("what the decoder had to make up is damage too, and goes on to the next keyframe", () => {
  const tracker = begun();
  assertEquals(tracker.isDamaged(picture(1n, { damaged: true })), true);
  assertEquals(tracker.isDamaged(picture(2n)), true);
  assertEquals(tracker.isDamaged(picture(3n, { keyframe: true, damaged: true })), true);
  assertEquals(tracker.isDamaged(picture(4n, KEY)), false);
});
