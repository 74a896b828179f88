import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { TimeMender } from "../../../src/core/timing/time_mender.ts";
import { forAll } from "../property.ts";

/** RTP's units, each millisecond. */
const PER_MS = 90;
/** At 25 frames a second. */
const STEP = 40;
const HOUR = 3_600_000;

interface Row {
  /** In milliseconds; undefined where the stream has none. */
  readonly own: number | undefined;
  readonly arrived: number;
}

/** So many pictures of a right camera. */
function right(count: number, own: (right: number, picture: number) => number | undefined): Row[] {
  return Array.from({ length: count }, (_, i) => ({ own: own(i * STEP, i), arrived: i * STEP }));
}

/** In milliseconds from the first one on, and how many were mended. */
function mend(rows: readonly Row[], { reordered = true, live = true } = {}) {
  const mender = new TimeMender({ perMs: PER_MS, reordered, live });
  const mended = rows.map(({ own, arrived }) =>
    mender.next(own === undefined ? undefined : BigInt(Math.round(own * PER_MS)), 1e12 + arrived)
  );
  const first = mended[0]!.time;
  return {
    times: mended.map(({ time }) => Number(time - first) / PER_MS),
    count: mended.filter(({ mended }) => mended).length,
    exact: mended.map(({ time }) => time),
  };
}

function assertRising(times: readonly number[], what: string): void {
  times.forEach((time, i) => i > 0 && assertGreater(time, times[i - 1]!, `${what}: ${times}`));
}

for (const reordered of [true, false]) {
  const how = { reordered };

  test(`the times of a right stream stay as they are (reordered: ${reordered})`, () => {
    // From anywhere, and a network that gives five pictures at once, and then none for 8 s.
    const rows = right(300, (right) => 5 * HOUR + right).map(({ own }, i) => ({
      own,
      arrived: Math.ceil(i / 5) * 5 * STEP + (i > 150 && i < 350 ? Math.max(0, 8_000 - i * 30) : 0),
    }));
    const { exact, count } = mend(rows, how);
    assertEquals(count, 0);
    assertEquals(exact, rows.map(({ own }) => BigInt(own! * PER_MS)));
  });

  test(`a server that begins with what it has kept (reordered: ${reordered})`, () => {
    const rows = right(200, (right) => right).map(({ own, arrived }) => ({
      own,
      arrived: Math.max(0, arrived - 5_000),
    }));
    const { times, count } = mend(rows, how);
    assertEquals([times, count], [rows.map(({ own }) => own), 0]);
  });

  test(`a time that is far away now and then is one step on (reordered: ${reordered})`, () => {
    for (const away of [10 * HOUR, -3 * HOUR, 3_000]) {
      const { times, count } = mend(
        right(200, (right, picture) => right + (picture % 50 === 49 ? away : 0)),
        how,
      );
      assertEquals([times, count], [right(200, () => 0).map(({ arrived }) => arrived), 4]);
    }
  });

  test(`times that stand, or are missing, are those of arrival (reordered: ${reordered})`, () => {
    for (const own of [12_345, undefined]) {
      const { times, count } = mend(right(100, () => own), how);
      assertEquals(times, right(100, () => 0).map(({ arrived }) => arrived), `${own}`);
      assertGreater(count, 98);
    }
  });

  test(`times that begin anew go on where they were (reordered: ${reordered})`, () => {
    for (const away of [HOUR, -HOUR]) {
      const { times, count } = mend(
        right(200, (right, picture) => right + (picture < 60 ? 0 : away)),
        how,
      );
      assertEquals([times, count], [right(200, () => 0).map(({ arrived }) => arrived), 8]);
    }
  });

  test(`a clock with whole seconds only goes on between them (reordered: ${reordered})`, () => {
    const { times } = mend(right(200, (right) => Math.floor(right / 1_000) * 1_000), how);
    assertRising(times, "whole seconds");
    times.forEach((time, i) => assertAlmostEquals(time, i * STEP, 2, `picture ${i}`));
  });

  test(`times that go backwards are not followed (reordered: ${reordered})`, () => {
    const { times } = mend(right(200, (right) => HOUR - right), how);
    // The first ones may be reordered pictures.
    assertRising(times.slice(5), "backwards");
    assertAlmostEquals(times.at(-1)!, 197 * STEP, 3 * STEP);
  });

  test(`25 pictures a second, made up for four, are not followed (reordered: ${reordered})`, () => {
    const rows = right(100, (right) => right).map(({ own }, i) => ({ own, arrived: i * 250 }));
    const { times } = mend(rows, how);
    assertRising(times, "four a second");
    assertAlmostEquals(times.at(-1)!, 99 * 250, 250);
  });

  test(`a clock that goes ninety times too slow is not followed (reordered: ${reordered})`, () => {
    const { times } = mend(right(200, (right) => right / 90), how);
    assertRising(times, "slow");
    assertAlmostEquals(times.at(-1)!, 199 * STEP, STEP);
  });
}

test("B-frames keep their times, from the first one on", () => {
  const order = [0, 3, 1, 2, 6, 4, 5, 10, 8, 7, 9, 13, 11, 12];
  const rows = Array.from({ length: 20 }, (_, turn) => order.map((place) => place + 14 * turn))
    .flat().map((place, i) => ({ own: place * STEP, arrived: i * STEP }));
  const { times, count } = mend(rows);
  assertEquals([times, count], [rows.map(({ own }) => own), 0]);
});

test("a B-stream with a time far away keeps all other times", () => {
  const places = Array.from({ length: 60 }, (_, i) => i === 0 ? [0] : [3 * i, 3 * i - 2, 3 * i - 1])
    .flat();
  const rows = places.map((place, i) => ({
    own: place * STEP + (i === 70 ? HOUR : 0),
    arrived: i * STEP,
  }));
  const { times } = mend(rows);
  assertEquals(new Set(times).size, times.length, "two pictures have one time");
  const changed = times.filter((time, i) => Math.abs(time - rows[i]!.own) > 1.5);
  assertEquals(changed.length, 1);
});

test("a file is not judged by when its packets were read", () => {
  // Pauses and all, and it begins again.
  const own = [...right(30, (right) => right), ...right(30, (right) => HOUR + right)];
  const rows = [...own, ...own].map(({ own }, i) => ({ own, arrived: i / 100 }));
  const { times, count } = mend(rows, { reordered: false, live: false });
  assertEquals(times.slice(0, 60), own.map(({ own }) => own));
  assertEquals(count, 8);
  assertEquals(times[60], times[59]! + (times[59]! - times[43]!) / 16);
  assertEquals(times.slice(60).map((time) => time - times[60]!), own.map(({ own }) => own));
});

test("whatever comes, no two times are one, and without reordering they rise", () => {
  forAll(200, (drawn) => {
    const random = () => drawn.number();
    const reordered = random() < 0.5;
    let arrived = 0;
    const rows = Array.from({ length: 120 }, () => ({
      own: random() < 0.2 ? undefined : (random() < 0.5 ? random() * 2_000 : random() * 20 * HOUR),
      arrived: arrived += random() < 0.3 ? 0 : random() * 100,
    }));
    const { times } = mend(rows, { reordered });
    if (reordered) {
      times.forEach((time, i) => assert(!times.slice(Math.max(0, i - 32), i).includes(time)));
    } else assertRising(times, JSON.stringify(rows));
  });
});

test("a clock that goes too fast is not followed for long", () => {
  for (const reordered of [true, false]) {
    for (const factor of [1.6, 3, 20]) {
      const { times } = mend(right(750, (right) => right * factor), { reordered });
      assertRising(times, `${factor}`);
      // Three seconds of it at most; then as long as in life.
      const [begin, end] = [times[100]!, times.at(-1)!];
      assertAlmostEquals(end - begin, 649 * STEP, 100, `${factor}`);
    }
  }
});

test("pictures that were kept, or were late, are no fast clock", () => {
  const own = (count: number) => Array.from({ length: count }, (_, i) => i * STEP);
  // A server that has kept 20 seconds; segments of 6 seconds at once; a network that stood 3 seconds.
  const kept = own(1_000).map((own, i) => ({ own, arrived: Math.max(i * 0.1, own - 20_000) }));
  const segments = own(1_000).map((own, i) => ({
    own,
    arrived: Math.floor(i / 150) * 6_000 + i % 150,
  }));
  const late = own(1_000).map((own) => {
    return { own, arrived: own < 9_000 ? own : Math.max(own, 12_000 + (own - 9_000) / 8) };
  });
  for (const rows of [kept, segments, late]) {
    for (const reordered of [true, false]) {
      const { times, count } = mend(rows, { reordered });
      assertEquals(count, 0);
      assertEquals(times, rows.map(({ own }) => own));
    }
  }
});
