import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { StatusFeed } from "../../../src/lifecycle/status_feed.ts";

/** Everything until the end. */
async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}

/** Lets everything run that can run now. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

test("every subscriber gets all events from its subscription on", async () => {
  const feed = new StatusFeed<string>();
  feed.emit("nobody listens");
  const first = feed.subscribe();
  feed.emit("a");
  const second = feed.subscribe();
  feed.emit("b");
  feed.close();
  assertEquals([await all(first), await all(second)], [["a", "b"], ["b"]]);
});

test("subscribe() listens from the call on, not from the first turn", async () => {
  const feed = new StatusFeed<number>();
  const events = feed.subscribe();
  for (const event of [1, 2, 3]) feed.emit(event);
  assertEquals((await events.next()).value, 1);
  feed.close();
  assertEquals(await all(events), [2, 3]);
});

test("next() waits for an event", async () => {
  const feed = new StatusFeed<string>();
  const events = feed.subscribe();
  let got: IteratorResult<string> | undefined;
  const next = events.next().then((result) => got = result);
  await settle();
  assertEquals(got, undefined);
  feed.emit("now");
  await next;
  assertEquals(got, { done: false, value: "now" });
});

test("a loop gets events one by one, at its own pace", async () => {
  const feed = new StatusFeed<number>();
  const seen: number[] = [];
  const loop = (async () => {
    for await (const event of feed.subscribe()) {
      seen.push(event);
      await settle();
    }
  })();
  for (let i = 0; i < 5; i++) feed.emit(i);
  await settle();
  feed.emit(5);
  feed.close();
  await loop;
  assertEquals(seen, [0, 1, 2, 3, 4, 5]);
});

test("close() ends loops that wait", async () => {
  const feed = new StatusFeed<string>();
  const loops = [all(feed.subscribe()), all(feed.subscribe())];
  feed.emit("last");
  await settle();
  feed.close();
  assertEquals(await Promise.all(loops), [["last"], ["last"]]);
});

test("subscribe() after close() is at its end at once", async () => {
  const feed = new StatusFeed<string>();
  feed.close();
  const events = feed.subscribe();
  feed.emit("too late");
  assertEquals(await events.next(), { done: true, value: undefined });
});

test("return() ends the subscription, also of a next() that waits", async () => {
  const feed = new StatusFeed<string>();
  const events = feed.subscribe();
  const waiting = events.next();
  await settle();
  assertEquals(await events.return?.(), { done: true, value: undefined });
  assertEquals(await waiting, { done: true, value: undefined });
  feed.emit("after");
  assertEquals(await events.next(), { done: true, value: undefined });
});

test("break in one loop leaves the others", async () => {
  const feed = new StatusFeed<number>();
  const events = feed.subscribe();
  const other = feed.subscribe();
  feed.emit(1);
  for await (const _ of events) break;
  feed.emit(2);
  feed.close();
  assertEquals(await all(events), []);
  assertEquals(await all(other), [1, 2]);
});

test("a listener that takes nothing keeps the newest 1000 events", async () => {
  const feed = new StatusFeed<number>();
  const lazy = feed.subscribe();
  const keen = feed.subscribe();
  const taken: number[] = [];
  for (let i = 0; i < 2_500; i++) {
    feed.emit(i);
    taken.push((await keen.next()).value);
  }
  feed.close();
  const kept = await all(lazy);
  assertEquals([kept.length, kept[0], kept.at(-1)], [1_000, 1_500, 2_499]);
  assertEquals(taken.length, 2_500);
  assertEquals(taken.at(-1), 2_499);
});

test("return() forgets what was pending, and two waits are both answered", async () => {
  const feed = new StatusFeed<number>();
  const left = feed.subscribe();
  feed.emit(1);
  await left.return?.();
  assertEquals(await left.next(), { done: true, value: undefined });
  const both = feed.subscribe();
  const waits = [both.next(), both.next()];
  feed.emit(1);
  feed.close();
  const done = (await Promise.all(waits)).map((result) => result.done);
  assertEquals(done, [false, true]);
});
