import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { test } from "node:test";
import { CameraClock, type CaptureTime } from "../../../src/core/timing/camera_clock.ts";
import { EXACT, feed, jittering, NOW, stalling, WRAP, YEARS } from "./camera_clock_feed.ts";

function one(camera: number | undefined, arrival: number): CaptureTime {
  return new CameraClock({ wrap: WRAP }).resolve(camera, arrival);
}

test("a camera that does not tell its time: the arrival", () => {
  const clock = new CameraClock({ wrap: WRAP });
  assertEquals(clock.resolve(undefined, NOW), { time: NOW, cameraClock: false });
  clock.resolve(NOW + 10, NOW + 40);
  assertEquals(clock.resolve(undefined, NOW + 80.5), { time: NOW + 80.5, cameraClock: false });
});

test("a right clock is taken at its word, however the frames arrive", () => {
  const seen = feed(new CameraClock({ wrap: WRAP }), {
    wrongBy: -3,
    delay: jittering(41),
    seconds: 60,
  });
  for (const { time, camera, cameraClock } of seen) {
    assertEquals([time, cameraClock], [camera, true]);
  }
});

test("a clock is right up to 200 ms ahead of the arrival and 10 s behind it", () => {
  for (const off of [200, 199, 1, 0, -1, -9_999, -10_000]) {
    assertEquals(one(NOW + off, NOW), { time: NOW + off, cameraClock: true }, String(off));
  }
  for (const off of [201, 1_000, 3_600_000, -10_001, -60_000, -3_600_000]) {
    assertEquals(one(NOW + off, NOW), { time: NOW, cameraClock: false }, String(off));
  }
});

test("a time that is wrong by one wrap of the stream's times is put right", () => {
  for (const turns of [-1, 1]) {
    for (const off of [200 - EXACT, 0, -80, -10_000 + EXACT]) {
      const { time, cameraClock } = one(NOW + off + turns * WRAP, NOW);
      assertAlmostEquals(time, NOW + off, EXACT / 2, `${turns} ${off}`);
      assert(cameraClock, `${turns} ${off}`);
    }
    for (const off of [201, -10_001]) {
      assertEquals(one(NOW + off + turns * WRAP, NOW).cameraClock, false, `${turns} ${off}`);
    }
  }
  for (const turns of [-2, 2, 0.5]) {
    assertEquals(one(NOW + turns * WRAP, NOW).cameraClock, false, `${turns}`);
  }
});

/** A clock that was wrong, by years, for one frame. */
function onceWrong(): CameraClock {
  const clock = new CameraClock({ wrap: WRAP });
  assertFalse(clock.resolve(NOW - 1_000 + YEARS, NOW - 1_000).cameraClock);
  return clock;
}

test("a clock that was wrong is right again within half of both bounds", () => {
  for (const off of [100, 99, 0, -80, -4_999, -5_000]) {
    const right = { time: NOW + off, cameraClock: true };
    assertEquals(onceWrong().resolve(NOW + off, NOW), right, String(off));
  }
  for (const off of [101, 150, 199, 200, -5_001, -7_000, -9_999, -10_000]) {
    assertFalse(onceWrong().resolve(NOW + off, NOW).cameraClock, String(off));
  }
});

test("a time that is wrong by one wrap must be within half of both bounds as well", () => {
  for (const turns of [-1, 1]) {
    for (const off of [100 - EXACT, 0, -5_000 + EXACT]) {
      const { time, cameraClock } = onceWrong().resolve(NOW + off + turns * WRAP, NOW);
      assertAlmostEquals(time, NOW + off, EXACT / 2, `${turns} ${off}`);
      assert(cameraClock, `${turns} ${off}`);
    }
    for (const off of [101, 199, -5_001, -9_999]) {
      const { cameraClock } = onceWrong().resolve(NOW + off + turns * WRAP, NOW);
      assertFalse(cameraClock, `${turns} ${off}`);
    }
  }
});

test("a clock that is right again may be wrong by as much as before", () => {
  const clock = onceWrong();
  for (const off of [150, 100, 200, -10_000, 0, 199]) {
    const { time, cameraClock } = clock.resolve(NOW + off, NOW);
    assertEquals(cameraClock, off !== 150, String(off));
    if (cameraClock) assertEquals(time, NOW + off);
  }
  assertFalse(clock.resolve(NOW + 201, NOW).cameraClock);
  assertFalse(clock.resolve(NOW + 200, NOW).cameraClock);
});

test("a camera that does not tell its time for a while is wrong as before", () => {
  const clock = onceWrong();
  clock.resolve(undefined, NOW);
  assertFalse(clock.resolve(NOW + 150, NOW).cameraClock);
});

for (const wrongBy of [220, -9_980]) {
  test(`a clock that is ${wrongBy} ms ahead, at the bound, is not right and wrong by turns`, () => {
    for (const delays of [[10, 40], [40, 10]]) {
      const delay = (time: number) => delays[(time - NOW) / 40 % 2]!;
      const seen = feed(new CameraClock({ wrap: WRAP }), { wrongBy, delay, seconds: 60 });
      const words = seen.map((frame) => frame.cameraClock);
      const first = words.indexOf(false);
      assertGreaterOrEqual(first, 0);
      // At most the first frame is near enough.
      assertLessOrEqual(first, 1);
      assertFalse(words.slice(first).includes(true));
      // After the first one that came in 10 ms.
      for (let i = 2; i < seen.length; i++) {
        assertAlmostEquals(seen[i]!.time, seen[i]!.taken + 10, EXACT);
        if (i > 2) assertAlmostEquals(seen[i]!.time - seen[i - 1]!.time, 40, EXACT);
      }
    }
  });
}

test("a clock that is 220 ms ahead gives steps of 40 ms from the first frame on", () => {
  const delay = (time: number) => (time - NOW) / 40 % 2 === 0 ? 10 : 40;
  const seen = feed(new CameraClock({ wrap: WRAP }), { wrongBy: 220, delay, seconds: 60 });
  for (const { time, taken, cameraClock } of seen) {
    assertAlmostEquals(time, taken + 10, EXACT);
    assertFalse(cameraClock);
  }
});

test("times stay the camera's from before the wrap until after the next report", () => {
  const clock = new CameraClock({ wrap: WRAP });
  for (let i = 0; i < 300; i++) {
    const taken = NOW + i * 40;
    const wrong = i >= 100 && i < 225 ? -WRAP : 0;
    const { time, cameraClock } = clock.resolve(taken + wrong, taken + 30);
    assertAlmostEquals(time, taken, EXACT);
    assert(cameraClock);
  }
});

test("the wrap is that of the stream's own time base", () => {
  const clock = new CameraClock({ wrap: 2 ** 32 / 8 });
  assertEquals(clock.resolve(NOW - 2 ** 32 / 8, NOW), { time: NOW, cameraClock: true });
  assertEquals(clock.resolve(NOW - WRAP, NOW).cameraClock, false);
});

test("frames that a stalled network held back keep their steps", () => {
  for (const stall of [500, 4_500, 5_100, 6_000, 9_900]) {
    // Also where the stall goes over the end of a window.
    for (const begin of [1_000, 5_000, 9_000, 12_000, 19_900]) {
      const delay = stalling(NOW + begin, stall);
      const seen = feed(new CameraClock({ wrap: WRAP }), { wrongBy: YEARS, delay, seconds: 45 });
      for (const { time, taken, cameraClock } of seen) {
        assertAlmostEquals(time, taken + 20, EXACT, `${stall} ms at ${begin} ms`);
        assertFalse(cameraClock);
      }
    }
  }
});

test("a camera that stops telling its time and begins again is as before", () => {
  const clock = new CameraClock({ wrap: WRAP });
  clock.resolve(1_000, NOW);
  assertEquals(clock.resolve(undefined, NOW + 40), { time: NOW + 40, cameraClock: false });
  assertEquals(clock.resolve(1_080, NOW + 95), { time: NOW + 80, cameraClock: false });
});
