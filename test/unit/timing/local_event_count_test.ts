import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalEventCount } from "../../../src/core/timing/local_event_count.ts";

/** Whether it is over a moment later. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  let over = false;
  void waiting.then(() => over = true);
  await sleep(5);
  return over;
}

async function elapsed(waiting: Promise<void>): Promise<number> {
  const begin = performance.now();
  await waiting;
  return performance.now() - begin;
}

test("a wait is over when there is a signal, and not before", async () => {
  const events = new LocalEventCount();
  const waiting = events.wait(events.count, Infinity);
  assertEquals(await isOver(waiting), false);
  events.signal();
  assertEquals(await isOver(waiting), true);
});

test("a ring between the look and the wait is not missed", async () => {
  const events = new LocalEventCount();
  const { count } = events;
  events.signal();
  assertEquals(await isOver(events.wait(count, Infinity)), true);
  // It was for that look only.
  const next = events.wait(events.count, Infinity);
  assertEquals(await isOver(next), false);
  events.signal();
  await next;
});

test("all who wait are woken by one ring, and those who come later by the next", async () => {
  const events = new LocalEventCount();
  const first = [1, 2, 3].map(() => events.wait(events.count, Infinity));
  events.signal();
  const later = events.wait(events.count, Infinity);
  await Promise.all(first);
  assertEquals(await isOver(later), false);
  events.signal();
  await later;
});

test("who is woken may wait again at once", async () => {
  const events = new LocalEventCount();
  let rounds = 0;
  const loop = (async () => {
    for (; rounds < 100; rounds++) await events.wait(events.count, Infinity);
  })();
  while (rounds < 100) {
    events.signal();
    await Promise.resolve();
  }
  await loop;
});

test("a wait is over after its time", async () => {
  const events = new LocalEventCount();
  const time = await elapsed(events.wait(events.count, 50));
  assertGreaterOrEqual(time, 45);
  assertLess(time, 2_000);
  for (const milliseconds of [0, -5]) {
    assertLess(await elapsed(events.wait(events.count, milliseconds)), 1_000, `${milliseconds} ms`);
  }
});

test("a time that no timer can wait is waited for, not over at once", async () => {
  const events = new LocalEventCount();
  const waiting = events.wait(events.count, 1e12);
  assertEquals(await isOver(waiting), false);
  events.signal();
  await waiting;
});

test("the time of a wait that was rung ends nothing later", async () => {
  const events = new LocalEventCount();
  const first = events.wait(events.count, 30);
  events.signal();
  await first;
  const second = events.wait(events.count, Infinity);
  await sleep(60);
  assertEquals(await isOver(second), false);
  events.signal();
  await second;
  assert(events.count === 2);
});
