/** Whether a thread finds out that its owner is gone, and never thinks so of one that is not. */

import { assertEquals, assertFalse } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { OwnerWatch, Presence, type PresenceWords } from "../../../src/core/shared/presence.ts";
import { until } from "../../support/waiting.ts";

function words(memory = new SharedArrayBuffer(12)): PresenceWords {
  return { words: new Int32Array(memory), wait: 0, answers: 1 };
}

/** A clock on which every question is due. */
function hasty(watch: OwnerWatch): () => boolean {
  let time = 0;
  return () => watch.isGone(time += 1e12);
}

async function startOwner(memory: SharedArrayBuffer, busy: boolean): Promise<Worker> {
  const worker = new Worker(new URL("./presence_owner.ts", import.meta.url));
  const ready = Promise.withResolvers<void>();
  worker.on("message", () => ready.resolve());
  worker.postMessage({ memory, busy });
  await ready.promise;
  return worker;
}

test("an owner that is there is never taken for gone", async () => {
  const both = words();
  const presence = new Presence(both);
  const isGone = hasty(new OwnerWatch(both));
  for (let asked = 0; asked < 300; asked++) {
    assertFalse(isGone());
    // Sometimes it has time to answer, sometimes for several questions at once.
    if (asked % 7 === 0) await sleep(1);
  }
  presence.end();
});

test("an owner that is busy for ever is not taken for gone, and answers when it has time", async () => {
  const both = words();
  const presence = new Presence(both);
  const isGone = hasty(new OwnerWatch(both));
  for (let asked = 0; asked < 100; asked++) assertFalse(isGone());
  await until("answers", () => both.words[both.answers]! > 0);
  assertFalse(isGone());
  presence.end();
});

test("an owner that asks nothing any more is not taken for gone", async () => {
  const both = words();
  const presence = new Presence(both);
  const isGone = hasty(new OwnerWatch(both));
  presence.end();
  await sleep(5);
  for (let asked = 0; asked < 40; asked++) assertFalse(isGone());
});

test("four questions a second are asked at most", async () => {
  const both = words();
  const presence = new Presence(both);
  const watch = new OwnerWatch(both);
  for (let time = 1_000; time < 1_250; time++) watch.isGone(time);
  await until("an answer", () => both.words[both.answers]! > 0);
  await sleep(5);
  assertEquals(both.words[both.answers], 1);
  presence.end();
});

for (const busy of [false, true]) {
  const kind = busy ? "is busy" : "has nothing to do";

  test(`an owner that ${kind} and is terminated is gone, and was not before`, async () => {
    const memory = new SharedArrayBuffer(12);
    const owner = await startOwner(memory, busy);
    const isGone = hasty(new OwnerWatch(words(memory)));
    for (let asked = 0; asked < 10; asked++) {
      assertFalse(isGone());
      await sleep(2);
    }
    // A runtime may wait for the end of a loop.
    Atomics.store(new Int32Array(memory), 2, 1);
    void owner.terminate();
    await until("an end of the owner", isGone, 10_000);
  });
}
