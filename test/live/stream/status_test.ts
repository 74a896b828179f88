/** `status()` tells what happens, in order, to everybody who listens. */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLessOrEqual,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import { StreamError, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { resolutionChange } from "../../support/media.ts";
import { countingVideo } from "../../support/patterns.ts";
import { freePort } from "../../support/port.ts";
import { rejection, until } from "../../support/waiting.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { Follower, QUICK, SMALL_CAMERA, StatusLog } from "../lifecycle.ts";
import { codeOf, SMALL } from "../reading.ts";

const LIMIT = { timeout: 30_000 };

test("a life is told from connecting to failed, to two listeners alike", LIMIT, async () => {
  const first = await startCamera(SMALL_CAMERA);
  await using _first = first;
  const begin = Date.now();
  await using stream = new VideoStream(first.url, {
    ...QUICK,
    reconnect: { delay: 150, maxAttempts: 8 },
  });
  const [one, two] = [new StatusLog(stream), new StatusLog(stream)];
  await stream.start().ready;
  const late = new StatusLog(stream);
  await first.kill();
  await until("a retry", () => one.of("reconnecting")[0]);
  const second = await startCamera({ ...SMALL_CAMERA, port: first.port, width: 160, height: 120 });
  await using _second = second;
  await until("another connection", () => one.of("connected").length === 2);
  await second.kill();
  const failure = await new Follower(stream).ended;
  // All of them end by themselves.
  await Promise.all([one.ended, two.ended, late.ended]);

  assertMatch(
    one.story,
    new RegExp(
      "^connecting connected disconnected (reconnecting connecting )+" +
        "connected disconnected( reconnecting connecting){8} failed$",
    ),
  );
  assertEquals(one.events, two.events);
  assertEquals(late.events, one.events.slice(2));
  assertEquals(
    one.of("connected").map(({ connection, codec, width, height }) =>
      `${connection} ${codec} ${width}x${height}`
    ),
    ["1 h264 320x180", "2 h264 160x120"],
  );
  assertEquals(
    one.of("connecting").map(({ attempt }) => attempt),
    one.of("connecting").map((_, i) => i + 1),
  );
  assertEquals(one.of("reconnecting").every(({ delay }) => delay === 150), true);
  const { error } = one.of("failed")[0]!;
  assertInstanceOf(error, StreamError);
  assertStrictEquals(error, failure);
  assertStrictEquals(error, stream.lastError);
  for (const event of one.of("disconnected")) assertInstanceOf(event.error, StreamError);

  const times = one.events.map(({ time }) => time);
  assertEquals(times, times.toSorted((a, b) => a - b));
  assertGreaterOrEqual(times[0], begin - 1);
  assertLessOrEqual(times.at(-1) ?? NaN, Date.now() + 1);
});

test("a change of the size is told where it happens", LIMIT, async () => {
  await using stream = new VideoStream(await resolutionChange("ts"));
  const recording = new StatusLog(stream);
  const loop = new Follower(stream);
  assertEquals(await loop.ended, undefined);
  await recording.ended;
  assertEquals(recording.story, "connecting connected format-change stopped");
  const [change] = recording.of("format-change");
  assertEquals([change!.width, change!.height, change!.codec], [320, 240, "h264"]);
  assertEquals(recording.of("connected")[0]!.width, 640);
  assertEquals(recording.of("stopped")[0]!.reason, "end");
  assertEquals(loop.frames.filter(({ width }) => width === 640).length, 30);
  assertEquals(loop.frames.filter(({ width }) => width === 320).length, 30);
});

test("stop() is the last event, and ends all loops", LIMIT, async () => {
  await using silent = await startWrongCamera(SILENT);
  await using stream = new VideoStream(silent.url);
  const recordings = [new StatusLog(stream), new StatusLog(stream)];
  stream.start();
  await until("a request", () => silent.requests.length > 0);
  await stream.stop();
  for (const { ended, events } of recordings) {
    await ended;
    assertEquals(events.map(({ type }) => type), ["connecting", "stopped"]);
    const [, last] = events;
    assert(last!.type === "stopped" && last!.reason === "stop");
  }
  // Whoever comes too late hears nothing, and does not wait for ever.
  const late = new StatusLog(stream);
  await late.ended;
  assertEquals(late.events, []);
});

test("a stream that was never started tells its stop", LIMIT, async () => {
  await using stream = new VideoStream("rtsp://127.0.0.1:1/stream");
  const recording = new StatusLog(stream);
  await stream.stop();
  await recording.ended;
  assertEquals(recording.story, "stopped");
});

test("a listener may leave, also while it waits, and the others stay", LIMIT, async () => {
  await using silent = await startWrongCamera(SILENT);
  await using stream = new VideoStream(silent.url);
  const leaving = stream.status();
  const staying = new StatusLog(stream);
  stream.start();
  assertEquals((await leaving.next()).value?.type, "connecting");
  const pending = leaving.next();
  await leaving.return?.();
  assertEquals(await pending, { done: true, value: undefined });
  await stream.stop();
  await staying.ended;
  assertEquals(staying.story, "connecting stopped");
  assertEquals((await leaving.next()).done, true);
});

test("a listener that never takes its events does not hold all of them", LIMIT, async () => {
  const url = `rtsp://127.0.0.1:${await freePort()}/stream`;
  await using stream = new VideoStream(url, { reconnect: { delay: 0, maxAttempts: 600 } });
  const lazy = stream.status();
  const keen = new StatusLog(stream);
  await rejection(stream.start().ready);
  await keen.ended;
  assertEquals(keen.of("connecting").length, 601);
  const kept: string[] = [];
  for await (const { type } of lazy) kept.push(type);
  assertLessOrEqual(kept.length, 1_000);
  assertEquals(kept.at(-1), "failed");
});

test("who waits for events or for the first frame starts the stream", LIMIT, async () => {
  await using silent = await startWrongCamera(SILENT);
  await using listened = new VideoStream(silent.url);
  const events = listened.status();
  // All listeners that were there before it hear of the beginning.
  const second = new StatusLog(listened);
  assertEquals((await events.next()).value?.type, "connecting");
  await listened.stop();
  await second.ended;
  assertEquals(second.story, "connecting stopped");

  await using awaited = new VideoStream(await countingVideo(5, SMALL));
  assertEquals(awaited.state, "idle");
  await awaited.ready;
  assertEquals(awaited.read()?.index, 0);
});

test("neither events nor ready start a stream again that was stopped", LIMIT, async () => {
  await using stream = new VideoStream("rtsp://127.0.0.1:1/stream");
  await stream.stop();
  assertEquals(await stream.status().next(), { done: true, value: undefined });
  assertEquals(codeOf(await rejection(stream.ready)), "ABORTED");
  assertEquals([stream.state, stream.stats().uptime], ["stopped", 0]);
});
