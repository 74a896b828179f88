import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalEventCount } from "../../../src/core/timing/local_event_count.ts";
import { PlaceLine } from "../../../src/writer/place_line.ts";

/** A queue with so many places, and who has written into it. */
class Queue {
  free: number;
  over = false;
  refused = 0;
  readonly written: number[] = [];
  readonly #changes = new LocalEventCount();
  readonly line = new PlaceLine(this);

  constructor(free: number) {
    this.free = free;
  }

  async until(done: () => boolean): Promise<void> {
    for (;;) {
      const seen = this.#changes.count;
      if (this.over) throw new Error("over");
      if (done()) return;
      await this.#changes.wait(seen);
    }
  }

  signal(): void {
    this.#changes.signal();
  }

  async writeWhenFree(number: number): Promise<void> {
    await this.line.wait();
    if (this.free === 0) {
      this.refused++;
      return;
    }
    this.free--;
    this.line.written();
    this.written.push(number);
  }

  take(count = 1): void {
    this.free += count;
    this.signal();
  }
}

test("each free place wakes one of those who wait, in the order of their calls", async () => {
  const queue = new Queue(4);
  const all = Array.from({ length: 300 }, (_, i) => queue.writeWhenFree(i));
  await sleep(5);
  assertEquals(queue.written, [0, 1, 2, 3]);
  while (queue.written.length < 300) {
    queue.take(queue.written.length % 3 + 1);
    await sleep(0);
  }
  await Promise.all(all);
  assertEquals(queue.refused, 0);
  assertEquals(queue.written, all.map((_, i) => i));
});

test("a place that is not written to goes to the next one", async () => {
  const queue = new Queue(1);
  await queue.line.wait();
  await queue.writeWhenFree(7);
  assertEquals(queue.written, [7]);
});

test("all who wait are told that the writer is over", async () => {
  const queue = new Queue(0);
  const all = [0, 1, 2].map((i) => assertRejects(() => queue.writeWhenFree(i), Error, "over"));
  await sleep(0);
  queue.over = true;
  queue.signal();
  await Promise.all(all);
});
