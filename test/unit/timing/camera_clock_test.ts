import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { test } from "node:test";
import { CameraClock, type CaptureTime } from "../../../src/core/timing/camera_clock.ts";
import { Seeded } from "../seeded.ts";

/** 32-bit times of 1/90000 s. */
const WRAP = 2 ** 32 / 90;
const NOW = 1_700_000_000_000;
/** A camera whose clock began at 1970 when it was switched on. */
const YEARS = -NOW + 86_400_000;
/** Float64 epoch milliseconds are that exact. */
const EXACT = 0.001;

function one(camera: number | undefined, arrival: number): CaptureTime {
  return new CameraClock({ wrap: WRAP }).resolve(camera, arrival);
}

interface Feed {
  /** Added to the true time by the camera's clock. */
  readonly wrongBy: number;
  readonly frameTime?: number;
  /** Milliseconds on the network, of a frame at that true time. */
  readonly delay: (time: number) => number;
  readonly from?: number;
  readonly seconds: number;
}

interface Seen extends CaptureTime {
  readonly taken: number;
  readonly camera: number;
  readonly arrival: number;
}

/** What a clock makes of frames, with the truth about them. */
function feed(clock: CameraClock, { wrongBy, delay, seconds, ...rest }: Feed): Seen[] {
  const { frameTime = 40, from = NOW } = rest;
  return Array.from({ length: Math.floor(seconds * 1_000 / frameTime) }, (_, i) => {
    const taken = from + i * frameTime;
    const camera = taken + wrongBy;
    const arrival = taken + delay(taken);
    return { taken, camera, arrival, ...clock.resolve(camera, arrival) };
  });
}

/** A network that adds up to 80 ms, and to some of the frames nothing. */
function jittering(seed: number): () => number {
  const random = new Seeded(seed);
  return () => 20 + Math.max(0, random.number() * 100 - 20);
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
      const delay = (time: number) => delays[(time - NOW) / 40 % 2];
      const seen = feed(new CameraClock({ wrap: WRAP }), { wrongBy, delay, seconds: 60 });
      const words = seen.map((frame) => frame.cameraClock);
      const first = words.indexOf(false);
      assertGreaterOrEqual(first, 0);
      // At most the first frame is near enough.
      assertLessOrEqual(first, 1);
      assertFalse(words.slice(first).includes(true));
      // After the first one that came in 10 ms.
      for (let i = 2; i < seen.length; i++) {
        assertAlmostEquals(seen[i].time, seen[i].taken + 10, EXACT);
        if (i > 2) assertAlmostEquals(seen[i].time - seen[i - 1].time, 40, EXACT);
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
    assertEquals(seen[0].time, seen[0].arrival);
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
      assertAlmostEquals(settled[i].time - settled[i - 1].time, 40, EXACT);
    }
    const arrivals = settled.slice(1).map((frame, i) => frame.arrival - settled[i].arrival);
    assertGreater(Math.max(...arrivals), 100);
  });
}

test("the steps of a wrong clock are kept where frames are uneven or share a time", () => {
  const random = new Seeded(44);
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
      assertAlmostEquals(seen[i].time - seen[i - 1].time, 40, EXACT, String(set));
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
    const steps = seen.slice(1).map((frame, i) => frame.time - seen[i].time);
    const longer = steps.filter((step) => Math.abs(step - 40) > EXACT);
    assertEquals(longer.length, 1);
    assertAlmostEquals(longer[0], 40 + back, EXACT);
  }
});

test("10 s behind the arrival is the network, more is a clock that was set", () => {
  for (const [back, time] of [[9_999, -9_999], [10_000, -10_000], [10_001, 0], [20_000, 0]]) {
    const clock = new CameraClock({ wrap: WRAP });
    clock.resolve(1_000_000, NOW);
    const arrival = NOW + 40;
    assertEquals(clock.resolve(1_000_040 - back, arrival).time, arrival + time, String(back));
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
  const random = new Seeded(46);
  for (let run = 0; run < 100; run++) {
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
      assertLessOrEqual(time, arrival + EXACT, `run ${run} frame ${frame}`);
      assertGreaterOrEqual(time, arrival - 10_000 - EXACT, `run ${run} frame ${frame}`);
    }
  }
});

/** A network that stands still: all that was taken meanwhile arrives at the end. */
function stalling(begin: number, stall: number): (time: number) => number {
  const end = begin + stall;
  return (time) => time >= begin && time < end ? end - time + 20 : 20;
}

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

test("after a stall of more than 10 s it begins anew, and no time goes back", () => {
  for (const stall of [10_100, 12_000, 30_000]) {
    for (const begin of [1_000, 5_000, 12_000]) {
      const delay = stalling(NOW + begin, stall);
      const seen = feed(new CameraClock({ wrap: WRAP }), { wrongBy: YEARS, delay, seconds: 60 });
      const message = `${stall} ms at ${begin} ms`;
      seen.forEach(({ time, taken, arrival }, i) => {
        if (i > 0) assertGreaterOrEqual(time, seen[i - 1].time - EXACT, message);
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

test("a camera that stops telling its time and begins again is as before", () => {
  const clock = new CameraClock({ wrap: WRAP });
  clock.resolve(1_000, NOW);
  assertEquals(clock.resolve(undefined, NOW + 40), { time: NOW + 40, cameraClock: false });
  assertEquals(clock.resolve(1_080, NOW + 95), { time: NOW + 80, cameraClock: false });
});
