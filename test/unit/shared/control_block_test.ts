import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ControlBlock, Phase, SLOTS_OFFSET } from "../../../src/core/shared/control_block.ts";
import type { Counter, ReadCounter, WriteCounter } from "../../../src/core/shared/counters.ts";
import { now } from "../../../src/core/timing/clock.ts";

/** Every counter, by the type: one that is missing here does not compile. */
const READ: Readonly<Record<ReadCounter, true>> = {
  packets: true,
  bytes: true,
  decoded: true,
  droppedUnread: true,
  droppedNoBuffer: true,
  droppedCorrupt: true,
  droppedBeforeKeyframe: true,
  droppedMaxFps: true,
  droppedUnwanted: true,
  losses: true,
  packetsLost: true,
  packetsReordered: true,
  packetsLate: true,
  workTime: true,
  lastPacketTime: true,
  lastFrameTime: true,
  frameInterval: true,
  declaredRate: true,
  latencyMode: true,
  wrongGuesses: true,
  fallbacks: true,
  waiting: true,
  waitingSince: true,
  wantedFrom: true,
  wantedUntil: true,
};
const WRITE: Readonly<Record<WriteCounter, true>> = {
  packets: true,
  bytes: true,
  encoded: true,
  droppedLate: true,
  lastPacketTime: true,
  bitrate: true,
  unsentBytes: true,
  unsentSince: true,
  serverLate: true,
};
const COUNTERS = Object.keys({ ...READ, ...WRITE }) as readonly Counter[];

function makeControl(): ControlBlock<Counter> {
  return new ControlBlock<Counter>(new SharedArrayBuffer(SLOTS_OFFSET));
}

/**
 * Milliseconds that something takes. A wait alone does not keep Deno running, as
 * the thread of a stream does; here a timer does.
 */
async function timed(work: () => void | Promise<void>): Promise<number> {
  const alive = setInterval(() => {}, 1_000);
  const start = performance.now();
  try {
    await work();
    return performance.now() - start;
  } finally {
    clearInterval(alive);
  }
}

test("strlen() of the control words is 1 after requestStop() and 0 before and after", () => {
  const control = makeControl();
  const strlen = () => control.bytes.indexOf(0);
  assertEquals([control.stopRequested, strlen()], [false, 0]);
  control.requestStop();
  assertEquals([control.stopRequested, strlen()], [true, 1]);
  control.requestStop();
  assertEquals(strlen(), 1);
  control.clearStop();
  assertEquals([control.stopRequested, strlen()], [false, 0]);
});

test("nothing but the stop byte is written to the first eight bytes", () => {
  const control = makeControl();
  for (let i = 0; i < 300; i++) {
    control.wake.signal();
    control.release.signal();
  }
  control.phase = -1;
  control.generation = -1;
  control.requestFinish();
  control.inputFormat = -1;
  for (const counter of COUNTERS) control.set(counter, -1.1);
  assertEquals([...control.bytes.slice(0, 8)], [0, 0, 0, 0, 0, 0, 0, 0]);
  control.requestStop();
  assertEquals([...control.bytes.slice(0, 8)], [1, 0, 0, 0, 0, 0, 0, 0]);
});

test("every word and counter has a place of its own", () => {
  const control = makeControl();
  control.phase = Phase.waiting;
  control.generation = 77;
  control.inputFormat = 5;
  COUNTERS.forEach((counter, i) => control.set(counter, i + 0.5));
  const [wakes, releases] = [control.wake.count, control.release.count];
  control.wake.signal();
  assertEquals([control.wake.count, control.release.count], [wakes + 1, releases]);
  assertEquals([control.phase, control.generation], [3, 77]);
  assertEquals([control.finishRequested, control.inputFormat], [false, 5]);
  control.requestFinish();
  assertEquals([control.phase, control.inputFormat], [3, 5]);
  COUNTERS.forEach((counter, i) => assertEquals(control.get(counter), i + 0.5, counter));
  assertEquals(control.stopRequested, false);
});

test("the slots' words begin behind the control words, on a line of their own", () => {
  const control = makeControl();
  COUNTERS.forEach((counter) => control.set(counter, NaN));
  assertEquals(SLOTS_OFFSET % 64, 0);
  assertGreaterOrEqual(SLOTS_OFFSET, 64 + COUNTERS.length * 8);
});

test("add() counts by one, or by an amount", () => {
  const control = makeControl();
  control.add("packets");
  control.add("packets");
  control.add("bytes", 2 ** 33);
  control.add("bytes", 1_500);
  assertEquals([control.get("packets"), control.get("bytes")], [2, 2 ** 33 + 1_500]);
  assertEquals(control.get("decoded"), 0);
});

test("setAll() sets those that it is given, and no other", () => {
  const control = makeControl();
  control.setAll(["lastPacketTime", "lastFrameTime"], 12.5);
  const set = COUNTERS.filter((counter) => control.get(counter) !== 0);
  assertEquals(set, ["lastPacketTime", "lastFrameTime"]);
  assertEquals(control.get("lastFrameTime"), 12.5);
});

test("a counter of one role is refused with the other", () => {
  const memory = new SharedArrayBuffer(SLOTS_OFFSET);
  const [read, write] = [
    new ControlBlock<ReadCounter>(memory),
    new ControlBlock<WriteCounter>(memory),
  ];
  // @ts-expect-error a reader encodes nothing
  read.add("encoded");
  // @ts-expect-error a writer decodes nothing
  write.get("decoded");
  // @ts-expect-error code that is for both has no counters
  (read satisfies ControlBlock as ControlBlock).get("packets");
  // @ts-expect-error the roles are not the same
  const other: ControlBlock<WriteCounter> = read;
  assertEquals(other.get("packets"), 0);
});

test("two control blocks over the same memory are one", () => {
  const one = makeControl();
  const two = new ControlBlock<Counter>(one.memory);
  one.requestStop();
  one.generation = 4;
  one.add("decoded", 3);
  assertEquals([two.stopRequested, two.generation, two.get("decoded")], [true, 4, 3]);
});

test("what the background thread may wait for is told to it", () => {
  const control = makeControl();
  const signals: Readonly<Record<string, () => void>> = {
    release: () => control.release.signal(),
    stop: () => control.requestStop(),
    generation: () => control.generation = 2,
    finish: () => control.requestFinish(),
  };
  for (const [name, signal] of Object.entries(signals)) {
    const before = control.release.count;
    signal();
    assertEquals(control.release.count, before + 1, name);
  }
});

test("blockWhileBusy() ends with what the thread does, or when the time is over", async () => {
  const control = makeControl();
  assertEquals(control.blockWhileBusy(60_000), true);
  control.phase = Phase.reading;
  const took = await timed(() => void control.blockWhileBusy(60));
  assertGreaterOrEqual(took, 50);
  assertEquals([control.phase, control.blockWhileBusy(0)], [Phase.reading, false]);
});

test("wake.wait() ends when the time is over", async () => {
  const control = makeControl();
  const took = await timed(() => control.wake.wait(control.wake.count, 60));
  assertGreaterOrEqual(took, 50);
  assertLess(took, 5_000);
});

test("wake.wait() ends at once when there was something new before it", async () => {
  const control = makeControl();
  const seen = control.wake.count;
  control.wake.signal();
  assertLess(await timed(() => control.wake.wait(seen, 20_000)), 2_000);
});

test("wake.signal() ends every wait", async () => {
  const control = makeControl();
  const seen = control.wake.count;
  const took = timed(async () => {
    await Promise.all([control.wake.wait(seen), control.wake.wait(seen, 20_000)]);
  });
  setTimeout(() => control.wake.signal(), 40);
  const milliseconds = await took;
  assertGreaterOrEqual(milliseconds, 30);
  assertLess(milliseconds, 5_000);
});

test("release.signal() ends release.wait()", async () => {
  const control = makeControl();
  const took = await timed(async () => {
    setTimeout(() => control.release.signal(), 40);
    await control.release.wait(control.release.count);
  });
  assertGreaterOrEqual(took, 30);
});

test("release.block() ends when the time is over, at once when it is late", async () => {
  const control = makeControl();
  const seen = control.release.count;
  const took = await timed(() => control.release.block(seen, 60));
  assertGreaterOrEqual(took, 50);
  assertLess(took, 5_000);
  control.release.signal();
  assertLess(await timed(() => control.release.block(seen, 20_000)), 2_000);
});

test("release and wake go from one thread to the other and back, and a stop ends it", async () => {
  const control = makeControl();
  const worker = new Worker(new URL("./control_worker.ts", import.meta.url));
  try {
    const over = new Promise<unknown>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    let seen = control.wake.count;
    worker.postMessage(control.memory);
    await control.wake.wait(seen, 20_000);
    assertEquals(control.phase, Phase.waiting);
    for (let round = 1; round <= 200; round++) {
      seen = control.wake.count;
      control.release.signal();
      // The notification of the last round may come late and end this wait early.
      const deadline = performance.now() + 8_000;
      while (control.wake.count === seen && performance.now() < deadline) {
        await control.wake.wait(seen, 8_000);
      }
      assertEquals(control.get("encoded"), round);
    }
    control.requestStop();
    assertEquals(await over, "stopped");
  } finally {
    await worker.terminate();
  }
});

test("now() is epoch time with fractions that never goes back", () => {
  assertAlmostEquals(now(), Date.now(), 2_000);
  let last = now();
  for (let i = 0; i < 10_000; i++) {
    const time = now();
    assert(time >= last);
    last = time;
  }
});

test("a thread begins, or is given up: whoever is first", () => {
  const block = () => new ControlBlock(new SharedArrayBuffer(SLOTS_OFFSET));
  const begun = block();
  assertEquals([begun.begin(), begun.giveUpStart(), begun.begin()], [true, false, true]);
  const givenUp = block();
  assertEquals([givenUp.giveUpStart(), givenUp.begin(), givenUp.giveUpStart()], [
    true,
    false,
    true,
  ]);
});
