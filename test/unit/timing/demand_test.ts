import { assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { Demand, freshness } from "../../../src/core/timing/demand.ts";
import { forAll } from "../property.ts";

/** From when until when pictures are wanted. */
type Told = readonly [from: number, until: number];

const NEVER: Told = [Infinity, Infinity];
const ALWAYS: Told = [0, Infinity];

/** A demand, and what it has told. */
function makeDemand() {
  const calls: Told[] = [];
  const demand = new Demand((from, until) => calls.push([from, until]));
  return { demand, calls, told: () => calls.at(-1) };
}

/** What is told after reads at these times. */
function afterReads(times: readonly number[], frameTime: number): Told | undefined {
  const { demand, told } = makeDemand();
  for (const time of times) demand.read(time, frameTime);
  return told();
}

test("nothing is wanted at first, and that is told", () => {
  assertEquals(makeDemand().calls, [NEVER]);
});

test("pictures are wanted as long as somebody waits", () => {
  const { demand, calls } = makeDemand();
  for (let round = 0; round < 3; round++) {
    demand.beginWait();
    demand.endWait();
  }
  assertEquals(calls, [NEVER, ALWAYS, NEVER, ALWAYS, NEVER, ALWAYS, NEVER]);
});

test("of two who wait, the second one counts when the first has ended", () => {
  const { demand, calls } = makeDemand();
  demand.beginWait();
  demand.beginWait();
  demand.endWait();
  assertEquals(calls, [NEVER, ALWAYS]);
  demand.endWait();
  assertEquals(calls, [NEVER, ALWAYS, NEVER]);
});

test("after one read, of which no rhythm follows, all are wanted for a second", () => {
  for (const time of [0, 5, 1_700_000_000_000]) {
    for (const frameTime of [40, 5_000, NaN]) {
      assertEquals(afterReads([time], frameTime), [time, time + 1_000], `${frameTime} ms`);
    }
  }
});

test("after regular reads, pictures are wanted 1.5 frame times before the next one", () => {
  for (const frameTime of [10, 40]) {
    for (const count of [2, 3, 5, 6, 50]) {
      const times = Array.from({ length: count }, (_, i) => 1_000 + i * 500);
      const next = 1_000 + count * 500;
      const expected: Told = [next - 1.5 * frameTime, next + 1_000];
      assertEquals(afterReads(times, frameTime), expected, `${count} reads`);
    }
  }
});

test("a read may be late by a second, or by as long as its rhythm is", () => {
  for (const interval of [1, 500, 999, 1_000]) {
    const until = afterReads([0, interval], 40)?.[1];
    assertEquals(until, interval + interval + 1_000, `${interval} ms`);
  }
  for (const interval of [1_000, 1_001, 3_000, 60_000]) {
    const expected: Told = [interval * 2 - 60, interval * 3];
    assertEquals(afterReads([0, interval], 40), expected, `${interval} ms`);
  }
});

test("the shortest of the last four intervals counts, older ones do not", () => {
  assertEquals(afterReads([0, 1_000, 1_200, 2_200, 3_200], 40), [3_400 - 60, 4_400]);
  assertEquals(afterReads([0, 1_000, 1_200, 2_200, 3_200, 4_200], 40), [4_400 - 60, 5_400]);
  assertEquals(afterReads([0, 1_000, 1_200, 2_200, 3_200, 4_200, 5_200], 40), [6_200 - 60, 7_200]);
  assertEquals(afterReads([0, 1_000, 2_000, 2_300], 40), [2_600 - 60, 3_600]);
  assertEquals(afterReads([0, 2_000, 6_000, 9_000, 12_000], 40), [14_000 - 60, 16_000]);
  assertEquals(afterReads([0, 2_000, 6_000, 9_000, 12_000, 15_000], 40), [18_000 - 60, 21_000]);
});

test("the frame time of the last read counts", () => {
  const { demand, told } = makeDemand();
  demand.read(0, 10);
  demand.read(1_000, 40);
  assertEquals(told(), [1_940, 3_000]);
  demand.read(2_000, 100);
  assertEquals(told(), [2_850, 4_000]);
});

test("an unknown frame time is taken to be 100 ms", () => {
  for (const frameTime of [NaN, 0, -40]) {
    assertEquals(afterReads([0, 1_000], frameTime), [1_850, 3_000], String(frameTime));
  }
});

test("reads that are about as fast as frames want all of them", () => {
  for (const interval of [0, 1, 20, 40, 60]) {
    const expected: Told = [100, 1_100 + interval];
    assertEquals(afterReads([100 - interval, 100], 40), expected, `${interval} ms`);
  }
  assertEquals(afterReads([0, 100], NaN), [100, 1_200]);
  assertEquals(afterReads([0, 100], 40), [140, 1_200]);
});

test("what reads want goes on after a wait, with the reads during the wait", () => {
  const { demand, calls } = makeDemand();
  demand.read(0, 40);
  demand.read(1_000, 40);
  demand.beginWait();
  demand.endWait();
  demand.beginWait();
  demand.read(1_400, 40);
  demand.read(1_800, 40);
  assertEquals(calls, [NEVER, [0, 1_000], [1_940, 3_000], ALWAYS, [1_940, 3_000], ALWAYS]);
  demand.endWait();
  assertEquals(calls.slice(6), [[2_200 - 60, 3_200]]);
});

test("reads that change nothing are not told", () => {
  const { demand, calls } = makeDemand();
  for (let read = 0; read < 10; read++) demand.read(100, 40);
  assertEquals(calls, [NEVER, [100, 1_100]]);
});

test("it is told when either end changes, in any order of calls, and then only", () => {
  forAll(200, (random) => {
    const { demand, calls } = makeDemand();
    // What reads alone want.
    const alone = makeDemand();
    const expected = [NEVER];
    let [waiting, time, wanted] = [0, 0, NEVER];
    for (let step = 0; step < 100; step++) {
      const kind = random.integer(0, 2);
      if (kind === 0) {
        demand.beginWait();
        waiting++;
      } else if (kind === 1 && waiting > 0) {
        demand.endWait();
        waiting--;
      } else {
        time += random.pick([0, 0, 30, 200, 3_000]);
        const frameTime = random.pick([NaN, 33, 200]);
        demand.read(time, frameTime);
        alone.demand.read(time, frameTime);
        wanted = alone.told() ?? NEVER;
      }
      const now = waiting > 0 ? ALWAYS : wanted;
      const last = expected[expected.length - 1]!;
      if (now[0] !== last[0] || now[1] !== last[1]) expected.push(now);
      assertEquals(calls.length, expected.length);
    }
    assertEquals(calls, expected);
  });
});

test("pictures are wanted from the read on at the earliest and before the next at the latest", () => {
  forAll(500, (random) => {
    const { demand, told } = makeDemand();
    const interval = random.pick([1, 30, 200, 3_000]);
    const frameTime = random.pick([NaN, 8, 33, 40, 1_000]);
    let time = random.integer(0, 10_000);
    demand.read(time, frameTime);
    for (let read = 0; read < 20; read++) {
      // Reads within a tenth of their rhythm find a picture that was made for them.
      const next = time + interval * (0.95 + 0.1 * random.number());
      if (read > 0) {
        const [from, until] = told() ?? [NaN, NaN];
        const message = JSON.stringify({ interval, frameTime, read });
        assertGreaterOrEqual(from, time, message);
        const lead = Math.min(1.5 * (frameTime || 100), interval);
        assertLessOrEqual(from, next - lead + 0.1 * interval + 1e-9, message);
        // And one that is left out or late by nearly as much still does.
        assertGreaterOrEqual(until, time + 1.9 * interval - 1e-9, message);
        assertGreaterOrEqual(until, next - 0.1 * interval + 1_000 - 1e-9, message);
      }
      time = next;
      demand.read(time, frameTime);
    }
  });
});

test("freshness() is 1.5 frame times, of 100 ms where that is unknown", () => {
  assertEquals([40, 100, 1].map(freshness), [60, 150, 1.5]);
  assertEquals([NaN, 0, -1].map(freshness), [150, 150, 150]);
});
