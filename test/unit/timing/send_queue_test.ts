import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { SendQueue } from "../../../src/core/timing/send_queue.ts";

test("the oldest byte that is on its way is that of the first write that is not through", () => {
  const queue = new SendQueue(0);
  assertEquals([queue.since, queue.stuckSince], [undefined, undefined]);
  queue.written(100, 10);
  queue.written(300, 20);
  queue.written(600, 30);
  assertEquals(queue.since, 10);
  queue.acknowledged(99, 40);
  assertEquals(queue.since, 10);
  queue.acknowledged(100, 41);
  assertEquals(queue.since, 20);
  queue.acknowledged(450, 42);
  assertEquals(queue.since, 30);
  queue.acknowledged(600, 43);
  assertEquals([queue.since, queue.stuckSince], [undefined, undefined]);
});

test("what is written and acknowledged at once never waits", () => {
  const queue = new SendQueue(0);
  queue.acknowledged(500, 5);
  queue.written(500, 6);
  assertEquals([queue.since, queue.stuckSince], [undefined, undefined]);
  queue.written(400, 7);
  assertEquals(queue.since, undefined);
});

test("a connection is stuck since its last progress, or since it has had to make some", () => {
  const queue = new SendQueue(0);
  queue.written(100, 1_000);
  assertEquals(queue.stuckSince, 1_000);
  queue.written(200, 1_500);
  assertEquals(queue.stuckSince, 1_000);
  queue.acknowledged(50, 2_000);
  assertEquals(queue.stuckSince, 2_000);
  queue.acknowledged(50, 3_000);
  assertEquals(queue.stuckSince, 2_000);
  queue.acknowledged(200, 4_000);
  assertEquals(queue.stuckSince, undefined);
  queue.written(300, 9_000);
  assertEquals(queue.stuckSince, 9_000);
});
