/** A camera whose clock is wrong: its steps are kept, and laid on the arrival. */

import {
  assertAlmostEquals,
  assertEquals,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { test } from "node:test";
import { CameraClock } from "../../../src/core/timing/camera_clock.ts";
import { forAll } from "../property.ts";
import { EXACT, feed, jittering, NOW, stalling, WRAP, YEARS } from "./camera_clock_feed.ts";

for (const wrongBy of [YEARS, -YEARS, -11_000, 60_000]) {
  test(`a clock that is wrong by ${wrongBy} ms never puts a picture after its arrival`, () => {
    const seen = feed(new CameraClock({ wrap: WRAP }), {
      wrongBy,
      delay: jittering(42),
      seconds: 120,
    });
    for (const { time, taken, arrival, cameraClock } of seen) {
      assertEquals(cameraClock, false);
      assertLessOrEqual(time, arrival + EXACT);
      // The least delay is not known: the picture seems to be that much younger.
      assertGreaterOrEqual(time, taken + 20 - EXACT);
    }
    assertEquals(seen[0]!.time, seen[0]!.arrival);
  });

  test(`a clock that is wrong by ${wrongBy} ms keeps its steps`, () => {
    const seen = feed(new CameraClock({ wrap: WRAP }), {
      wrongBy,
      delay: jittering(43),
      seconds: 120,
    });
    // As soon as one frame came without delay, which one of five does.
    const settled = seen.slice(50);
    for (let i = 1; i < settled.length; i++) {
      assertAlmostEquals(settled[i]!.time - settled[i - 1]!.time, 40, EXACT);
    }
    const arrivals = settled.slice(1).map((frame, i) => frame.arrival - settled[i]!.arrival);
    assertGreater(Math.max(...arrivals), 100);
  });
}

test("the steps of a wrong clock are kept where frames are uneven or share a time", () => {
  forAll(20, (random) => {
    const clock = new CameraClock({ wrap: WRAP });
    clock.resolve(1_000, NOW);
    let camera = 1_000;
    // The first frame came fastest, and these are less than two windows.
    for (let i = 0; i < 150; i++) {
      camera += random.pick([0, 7, 40, 120]);
      const arrival = NOW + camera - 1_000 + random.number() * 100;
      assertEquals(clock.resolve(camera, arrival), {
        time: NOW + camera - 1_000,
        cameraClock: false,
      });
    }
  });
});

test("the least delay is that of the last 10 to 20 s", () => {
  const clock = new CameraClock({ wrap: WRAP });
  const delay = (time: number) => time < NOW + 1_000 ? 10 : 30;
  const seen = feed(clock, { wrongBy: YEARS, delay, seconds: 30 });
  for (const { time, taken } of seen.filter((frame) => frame.taken < NOW + 10_900)) {
    assertAlmostEquals(time, taken + 10, EXACT);
  }
  for (const { time, taken } of seen.filter((frame) => frame.taken > NOW + 21_000)) {
    assertAlmostEquals(time, taken + 30, EXACT);
  }
});

test("a wrong clock that goes too fast or too slow is followed", () => {
  for (const drift of [-1e-4, -2e-5, 2e-5, 1e-4]) {
    const clock = new CameraClock({ wrap: WRAP });
    for (let i = 0; i < 90_000; i++) {
      const taken = NOW + i * 40;
      const camera = (taken - NOW) * (1 + drift) + 5_000;
      const { time } = clock.resolve(camera, taken + 20);
      // Two windows of 10 s at 0.01 %.
      assertLessOrEqual(Math.abs(time - (taken + 20)), 2.01, `${drift} frame ${i}`);
      assertLessOrEqual(time, taken + 20 + EXACT, `${drift} frame ${i}`);
    }
  }
});

test("a wrong clock that is put forward, or back by more than 10 s, begins anew", () => {
  for (const set of [300, 5_100, 60_000, 1e11, -10_100, -60_000, -1e11]) {
    const clock = new CameraClock({ wrap: WRAP });
    const delay = jittering(45);
    feed(clock, { wrongBy: YEARS, delay, seconds: 25 });
    const from = NOW + 25_000;
    const seen = feed(clock, { wrongBy: YEARS + set, delay, from, seconds: 25 });
    for (const { time, taken, arrival, cameraClock } of seen) {
      assertEquals(cameraClock, false, String(set));
      assertLessOrEqual(time, arrival + EXACT, String(set));
      assertGreaterOrEqual(time, taken + 20 - EXACT, String(set));
    }
    for (let i = 51; i < seen.length; i++) {
      assertAlmostEquals(seen[i]!.time - seen[i - 1]!.time, 40, EXACT, String(set));
    }
  }
});

test("a wrong clock that is put back by up to 10 s is right again two windows later", () => {
  for (const back of [300, 4_000, 5_100, 9_900]) {
    const clock = new CameraClock({ wrap: WRAP });
    const delay = () => 20;
    feed(clock, { wrongBy: YEARS, delay, seconds: 25 });
    const from = NOW + 25_000;
    const seen = feed(clock, { wrongBy: YEARS - back, delay, from, seconds: 30 });
    // It could as well be the network: so the steps are kept.
    for (const { time, arrival, taken } of seen) {
      if (taken < from + 4_900) assertAlmostEquals(time, arrival - back, EXACT, String(back));
      if (taken > from + 21_000) assertAlmostEquals(time, arrival, EXACT, String(back));
    }
    const steps = seen.slice(1).map((frame, i) => frame.time - seen[i]!.time);
    const longer = steps.filter((step) => Math.abs(step - 40) > EXACT);
    assertEquals(longer.length, 1);
    assertAlmostEquals(longer[0]!, 40 + back, EXACT);
  }
});

test("10 s behind the arrival is the network, more is a clock that was set", () => {
  for (const [back, time] of [[9_999, -9_999], [10_000, -10_000], [10_001, 0], [20_000, 0]]) {
    const clock = new CameraClock({ wrap: WRAP });
    clock.resolve(1_000_000, NOW);
    const arrival = NOW + 40;
    assertEquals(clock.resolve(1_000_040 - back!, arrival).time, arrival + time!, String(back));
  }
});

test("one frame whose time is far ahead does no harm to those after it", () => {
  const clock = new CameraClock({ wrap: WRAP });
  clock.resolve(1_000, NOW);
  assertEquals(clock.resolve(1_040 + 60_000, NOW + 40).time, NOW + 40);
  for (let i = 2; i < 100; i++) {
    assertEquals(clock.resolve(1_000 + i * 40, NOW + i * 40).time, NOW + i * 40);
  }
});

test("a wrong clock's times are never after the arrival, and never more than 10 s before", () => {
  forAll(100, (random) => {
    const clock = new CameraClock({ wrap: WRAP });
    let [wrongBy, taken, held] = [YEARS, NOW, 0];
    for (let frame = 0; frame < 500; frame++) {
      taken += random.pick([0, 7, 40, 120]);
      if (random.number() < 0.02) {
        wrongBy += (random.number() * 2 - 1) * random.pick([1e3, 2e4, 1e9]);
      }
      if (random.number() < 0.02) held = taken + random.number() * 15_000;
      const arrival = Math.max(taken + random.number() * 100, held);
      const { time, cameraClock } = clock.resolve(taken + wrongBy, arrival);
      assertFalse(cameraClock);
      assertLessOrEqual(time, arrival + EXACT, `frame ${frame}`);
      assertGreaterOrEqual(time, arrival - 10_000 - EXACT, `frame ${frame}`);
    }
  });
});

test("after a stall of more than 10 s it begins anew, and no time goes back", () => {
  for (const stall of [10_100, 12_000, 30_000]) {
    for (const begin of [1_000, 5_000, 12_000]) {
      const delay = stalling(NOW + begin, stall);
      const seen = feed(new CameraClock({ wrap: WRAP }), { wrongBy: YEARS, delay, seconds: 60 });
      const message = `${stall} ms at ${begin} ms`;
      seen.forEach(({ time, taken, arrival }, i) => {
        if (i > 0) assertGreaterOrEqual(time, seen[i - 1]!.time - EXACT, message);
        assertLessOrEqual(time, arrival + EXACT, message);
        const held = taken >= NOW + begin && taken < NOW + begin + stall;
        assertAlmostEquals(time, held ? arrival : taken + 20, EXACT, message);
      });
    }
  }
});

test("a clock that is put right is believed from then on, and no longer when it is wrong again", () => {
  const clock = new CameraClock({ wrap: WRAP });
  const delay = () => 30;
  const wrong = feed(clock, { wrongBy: YEARS, delay, seconds: 2 });
  const right = feed(clock, { wrongBy: 0, delay, from: NOW + 2_000, seconds: 2 });
  const again = feed(clock, { wrongBy: YEARS, delay, from: NOW + 4_000, seconds: 2 });
  for (const { time, arrival, cameraClock } of [...wrong, ...again]) {
    assertEquals(cameraClock, false);
    assertAlmostEquals(time, arrival, EXACT);
  }
  for (const { time, taken, cameraClock } of right) {
    assertEquals([time, cameraClock], [taken, true]);
  }
});
