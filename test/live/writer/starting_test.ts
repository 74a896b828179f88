/** What starts a writer. */

import { assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoWriter } from "../../../mod.ts";
import { until, within } from "../../support/waiting.ts";
import { SLOW, SMALL, TemporaryDirectory } from "../reading.ts";
import { ending } from "../writing.ts";

test("who waits for events starts a writer whose size is known", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("x.mkv");
  const writer = new VideoWriter(path, SMALL);
  await using _end = ending(writer);
  const events = writer.status();
  const types: string[] = [];
  const listening = (async () => {
    for await (const { type } of events) types.push(type);
  })();
  await until("a connection", () => types.includes("connected"));
  assertEquals([types, existsSync(path)], [["connecting", "connected"], true]);
  await within("end", writer.close().then(() => listening));
});

test("a writer whose size is not known waits for its first frame", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("x.mkv");
  const writer = new VideoWriter(path);
  await using _end = ending(writer);
  const events = writer.status();
  await sleep(300);
  assertEquals([writer.state, existsSync(path)], ["idle", false]);
  await within("end", writer.close());
  assertEquals((await events.next()).value?.type, "stopped");
});

test("events do not start a writer that is closed", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("x.mkv");
  const writer = new VideoWriter(path, SMALL);
  await using _end = ending(writer);
  const events = writer.status();
  await within("end", writer.close());
  assertEquals((await events.next()).value?.type, "stopped");
  assertEquals(existsSync(path), false);
});
