import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import { type Timestamps, WriterClock } from "../../../src/core/timing/writer_clock.ts";
import { forAll } from "../property.ts";

const ALL: readonly Timestamps[] = ["wallclock", "frame", "constant"];
/** An epoch, in milliseconds. */
const NOW = 1_700_000_000_000;
/** The coarsest time base there is, that of flv; less what floats lose. */
const LEAST_STEP = 0.001 - 1e-9;

/** The times of frames with these pts, all written at the same moment. */
function times(clock: WriterClock, pts: readonly (number | undefined)[]): number[] {
  return pts.map((time) => clock.next(NOW, time));
}

function assertTimes(actual: readonly number[], expected: readonly number[], message = ""): void {
  assertEquals(actual.length, expected.length, message);
  actual.forEach((time, i) => assertAlmostEquals(time, expected[i]!, 1e-6, `${message} ${actual}`));
}

test("the first time is 0, whatever the frame says", () => {
  for (const timestamps of ALL) {
    for (const fps of [0.01, 29.97, 1_000]) {
      for (const pts of [undefined, 0, 0.04, -3, 95_443.7, 1e9]) {
        const clock = new WriterClock(timestamps, fps);
        assertEquals(clock.next(NOW + 0.25, pts), 0, `${timestamps} ${fps} ${pts}`);
      }
    }
  }
});

test("wallclock: times are when the frames were written", () => {
  const clock = new WriterClock("wallclock", 25);
  const written = [0, 40, 41.5, 300, 310, 3_600_000, 3_600_040];
  assertTimes(
    written.map((time) => clock.next(NOW + time, undefined)),
    written.map((time) => time / 1000),
  );
});

test("wallclock: the frames' own times say nothing", () => {
  forAll(20, (random) => {
    const [one, two] = [new WriterClock("wallclock", 25), new WriterClock("wallclock", 25)];
    for (let i = 0; i < 20; i++) {
      const written = NOW + i * 33;
      const pts = random.pick([undefined, random.number() * 1e5, -7, 0]);
      assertStrictEquals(one.next(written, pts), two.next(written, undefined));
    }
  });
});

test("wallclock: frames of the same moment are a millisecond apart, then it goes on as before", () => {
  const clock = new WriterClock("wallclock", 25);
  assertTimes(
    [0, 0, 0, 0.2, 1, 40, 80].map((time) => clock.next(NOW + time, undefined)),
    [0, 0.001, 0.002, 0.003, 0.004, 0.04, 0.08],
  );
});

test("wallclock: a gap is kept, of whatever length", () => {
  for (const gap of [9_000, 10_000, 10_001, 60_000, 86_400_000]) {
    const clock = new WriterClock("wallclock", 25);
    clock.next(NOW, undefined);
    assertTimes([clock.next(NOW + gap, undefined)], [gap / 1000]);
  }
});

test("wallclock: a step back of the clock does not take the times back", () => {
  const clock = new WriterClock("wallclock", 25);
  const written = [0, 40, -1_000, -960, 80];
  assertTimes(
    written.map((time) => clock.next(NOW + time, undefined)),
    [0, 0.04, 0.041, 0.042, 0.08],
  );
});

test("frame: the steps are those of the frames, and when they were written says nothing", () => {
  forAll(100, (random) => {
    const clock = new WriterClock("frame", random.pick([1, 25, 1_000]));
    const start = random.pick([0, -50, 17.5, 95_443.717689]);
    let pts = start;
    for (let i = 0; i < 100; i++) {
      assertAlmostEquals(clock.next(NOW + random.number() * 1e6, pts), pts - start, 1e-9);
      pts += random.pick([0.001, 1 / 30, 0.04, 0.5, 3, 9.9]) + random.number() * 0.01;
    }
  });
});

test("frame: a source that begins again goes on one frame time later", () => {
  for (const fps of [5, 25, 60]) {
    const clock = new WriterClock("frame", fps);
    const file = [0, 0.1, 0.2, 0.3];
    const step = 0.3 + 1 / fps;
    const all = [0, 1, 2].flatMap((round) => file.map((time) => round * step + time));
    assertTimes(times(clock, [...file, ...file, ...file]), all, String(fps));
  }
});

test("frame: a frame that comes again, or is older, is a new beginning", () => {
  for (const again of [1.2, 1.19999, 1, 0, -1e6]) {
    const clock = new WriterClock("frame", 25);
    assertTimes(
      times(clock, [1, 1.2, again, again + 0.5]),
      [0, 0.2, 0.24, 0.74],
      String(again),
    );
  }
});

test("frame: a gap of up to ten seconds is kept, a longer one is another source", () => {
  for (const gap of [0.5, 5, 10]) {
    assertTimes(times(new WriterClock("frame", 25), [3, 3 + gap, 3.04 + gap]), [
      0,
      gap,
      gap + 0.04,
    ], String(gap));
  }
  for (const gap of [10.001, 60, 1e6]) {
    assertTimes(times(new WriterClock("frame", 25), [3, 3 + gap, 3.04 + gap]), [0, 0.04, 0.08]);
  }
});

test("frame: frames that are closer than a millisecond are put apart, then it goes on as before", () => {
  assertTimes(
    times(new WriterClock("frame", 25), [5, 5.0001, 5.0002, 5.0003, 5.04, 5.08]),
    [0, 0.001, 0.002, 0.003, 0.04, 0.08],
  );
});

test("frame: frames without a time come at the constant rate", () => {
  const clock = new WriterClock("frame", 25);
  assertTimes(times(clock, [undefined, undefined, undefined]), [0, 0.04, 0.08]);
});

test("frame: those that have a time again go on where it says, or one frame time later", () => {
  assertTimes(
    times(new WriterClock("frame", 25), [7, 7.04, undefined, undefined, 7.16, 7.2]),
    [0, 0.04, 0.08, 0.12, 0.16, 0.2],
  );
  assertTimes(
    times(new WriterClock("frame", 25), [7, 7.04, undefined, 100, 100.04]),
    [0, 0.04, 0.08, 0.12, 0.16],
  );
  assertTimes(
    times(new WriterClock("frame", 25), [7, 7.04, undefined, 0, 0.04]),
    [0, 0.04, 0.08, 0.12, 0.16],
  );
});

test("frame: the source's time goes on under frames without one", () => {
  // 15 seconds are no gap, when there were frames all along.
  const without = Array.from({ length: 375 }, () => undefined);
  const all = times(new WriterClock("frame", 25), [7, ...without, 22.04, 22.08]);
  assertTimes(all.slice(-3), [15, 15.04, 15.08]);
  // A time that is before where the frames without one have got to is a new beginning.
  assertTimes(
    times(new WriterClock("frame", 25), [7, 7.04, undefined, undefined, 7.08, 7.12]),
    [0, 0.04, 0.08, 0.12, 0.16, 0.2],
  );
});

test("constant: one frame after the other, whatever frames and clock say", () => {
  forAll(50, (random) => {
    const fps = random.pick([0.01, 1, 24_000 / 1_001, 30, 1_000]);
    const clock = new WriterClock("constant", fps);
    for (let i = 0; i < 100; i++) {
      const pts = random.pick([undefined, 0, -1, random.number() * 1e6]);
      const time = clock.next(NOW + random.number() * 1e6, pts);
      assertAlmostEquals(time, i / fps, 1e-6, `frame ${i} at ${fps}`);
    }
  });
});

test("every time is at least a millisecond after the last one, whatever comes", () => {
  forAll(150, (random) => {
    const timestamps = random.pick(ALL);
    const fps = random.pick([0.01, 5, 25, 29.97, 60, 1_000]);
    const clock = new WriterClock(timestamps, fps);
    let [written, pts] = [NOW, random.pick([0, -1e4, random.number() * 1e5, 1e9])];
    let last: number | undefined;
    for (let i = 0; i < 300; i++) {
      const time = clock.next(written, random.number() < 0.1 ? undefined : pts);
      const message = JSON.stringify({ timestamps, fps, i, written, pts, last, time });
      assert(Number.isFinite(time), message);
      if (last === undefined) assertEquals(time, 0, message);
      else assertGreaterOrEqual(time - last, LEAST_STEP, message);
      last = time;
      written += random.pick([0, 0.1, 1, 33, 40, 500, 20_000, -5, -3_000]);
      pts += random.pick([0.04, 0.04, 0.04, 0, 1e-5, -0.04, -0.08, -900, 9.9, 10, 10.1, 4_000]);
    }
  });
});

test("however a source jumps, the times advance by no more than its own steps", () => {
  forAll(100, (random) => {
    const clock = new WriterClock("frame", 25);
    let pts = 0;
    let [jumps, flow] = [0, 0];
    let time = clock.next(NOW, pts);
    for (let i = 0; i < 300; i++) {
      const jump = random.number() < 0.1;
      pts += jump ? random.pick([-1, 1]) * (11 + random.number() * 1e4) : 0.02;
      if (jump) jumps++;
      else flow++;
      time = clock.next(NOW, pts);
    }
    assertAlmostEquals(time, flow * 0.02 + jumps * 0.04, 1e-6);
  });
});
