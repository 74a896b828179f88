import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Bell } from "../../../src/group/bell.ts";

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

test("a wait is over when the bell is rung, and not before", async () => {
  const bell = new Bell();
  const waiting = bell.wait(bell.count, Infinity);
  assertEquals(await isOver(waiting), false);
  bell.ring();
  assertEquals(await isOver(waiting), true);
});

test("a ring between the look and the wait is not missed", async () => {
  const bell = new Bell();
  const { count } = bell;
  bell.ring();
  assertEquals(await isOver(bell.wait(count, Infinity)), true);
  // It was for that look only.
  const next = bell.wait(bell.count, Infinity);
  assertEquals(await isOver(next), false);
  bell.ring();
  await next;
});

test("all who wait are woken by one ring, and those who come later by the next", async () => {
  const bell = new Bell();
  const first = [1, 2, 3].map(() => bell.wait(bell.count, Infinity));
  bell.ring();
  const later = bell.wait(bell.count, Infinity);
  await Promise.all(first);
  assertEquals(await isOver(later), false);
  bell.ring();
  await later;
});

test("who is woken may wait again at once", async () => {
  const bell = new Bell();
  let rounds = 0;
  const loop = (async () => {
    for (; rounds < 100; rounds++) await bell.wait(bell.count, Infinity);
  })();
  while (rounds < 100) {
    bell.ring();
    await Promise.resolve();
  }
  await loop;
});

test("a wait is over after its time", async () => {
  const bell = new Bell();
  const time = await elapsed(bell.wait(bell.count, 50));
  assertGreaterOrEqual(time, 45);
  assertLess(time, 2_000);
  for (const milliseconds of [0, -5]) {
    assertLess(await elapsed(bell.wait(bell.count, milliseconds)), 1_000, `${milliseconds} ms`);
  }
});

test("a time that no timer can wait is waited for, not over at once", async () => {
  const bell = new Bell();
  const waiting = bell.wait(bell.count, 1e12);
  assertEquals(await isOver(waiting), false);
  bell.ring();
  await waiting;
});

test("the time of a wait that was rung ends nothing later", async () => {
  const bell = new Bell();
  const first = bell.wait(bell.count, 30);
  bell.ring();
  await first;
  const second = bell.wait(bell.count, Infinity);
  await sleep(60);
  assertEquals(await isOver(second), false);
  bell.ring();
  await second;
  assert(bell.count === 2);
});
