/** Every wait has a deadline, and only a stream that stands still meets it. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertMatch,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Frame, StreamError, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { freeUdpPort } from "../../support/port.ts";
import { startPublisher } from "../../support/publish.ts";
import { rejection, until } from "../../support/waiting.ts";
import { DRIPPING, SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { Follower, QUICK, SMALL_CAMERA, StatusLog } from "../lifecycle.ts";
import { SLOW } from "../reading.ts";

/** Lets nothing else run in this thread. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** What `read()` has is no older than what was decoded before it, but for one in conversion. */
function readNewest(stream: VideoStream): Frame {
  const { decoded } = stream.stats();
  const frame = stream.read();
  assert(frame);
  assertGreaterOrEqual(frame.index, decoded - 2);
  return frame;
}

/** How an attempt ends that may be the only one, and after how many milliseconds. */
async function fails(url: string, options: VideoStreamOptions) {
  await using stream = new VideoStream(url, { ...options, reconnect: { maxAttempts: 0 } });
  const begin = performance.now();
  const error = await rejection(stream.start().ready);
  const elapsed = performance.now() - begin;
  assertInstanceOf(error, StreamError);
  return { error, elapsed };
}

test("an open has a deadline, whatever the server does meanwhile", SLOW, async () => {
  await using silent = await startWrongCamera(SILENT);
  await using drip = await startWrongCamera(DRIPPING);
  await Promise.all([silent, drip].map(async ({ url }) => {
    const { error, elapsed } = await fails(url, { openTimeout: 1_500 });
    assertEquals([error.code, error.operation, error.retryable], ["OPEN_TIMEOUT", "open", true]);
    assertMatch(error.message, /^Cannot open rtsp:.*: timed out after 1500 ms$/);
    assertGreaterOrEqual(elapsed, 1_490);
    assertLess(elapsed, 4_000);
  }));
});

test("a stream that never sends a keyframe is given up, and says why", SLOW, async () => {
  // Whoever comes late sees no key frame for an hour.
  const url = `udp://127.0.0.1:${await freeUdpPort()}`;
  const small = { width: 320, height: 180, keyInterval: 100_000 };
  await using _publisher = await startPublisher(url, small);
  await sleep(300);
  await using stream = new VideoStream(url, {
    ...QUICK,
    stallTimeout: 1_500,
    keyframeTimeout: 4_000,
    reconnect: { maxAttempts: 0 },
  });
  const recording = new StatusLog(stream);
  const error = await rejection(stream.start().ready);
  await recording.ended;
  assertInstanceOf(error, StreamError);
  assertEquals([error.code, error.retryable], ["KEYFRAME_TIMEOUT", true]);
  assertMatch(
    error.message,
    /timed out, data arrives but no keyframe for 4000 ms; another attempt delivers/,
  );
  // There were no frames: nothing was lost.
  assertEquals(recording.story, "connecting waiting failed");
  assertEquals(recording.of("waiting").map(({ waiting }) => waiting), ["keyframe"]);
  assertGreater(stream.stats().dropped.beforeKeyframe, 20);
  assertEquals([stream.stats().stalls, stream.stats().decoded], [0, 0]);
});

test("a program that blocks its thread is not told of a stall", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  const losses: StreamError[] = [];
  await using stream = new VideoStream(camera.url, {
    ...QUICK,
    readTimeout: 2_000,
    stallTimeout: 2_000,
    onDisconnect: (error) => void losses.push(error),
  });
  await stream.start().next();
  const before = stream.read()?.index ?? NaN;
  block(3_000);
  assertGreater(readNewest(stream).index, before + 60);
  await sleep(500);
  const next = await stream.next();
  assertLess(next.age, 300);
  assertEquals([stream.state, stream.reconnectCount, losses], ["streaming", 0, []]);
  assertEquals(next.connection, 1);
});

test("a slow reader is no stall: it skips, and gets the newest frame", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, {
    ...QUICK,
    readTimeout: 1_000,
    stallTimeout: 1_000,
  });
  let last: number | undefined;
  let turns = 0;
  for await (const frame of stream) {
    assertLess(frame.age, 500);
    if (last !== undefined) assertGreater(frame.index, last + 25);
    last = frame.index;
    await sleep(1_400);
    if (++turns === 2) break;
  }
  const { dropped, stalls } = stream.stats();
  assertEquals([stream.state, stream.reconnectCount, stalls], ["streaming", 0, 0]);
  assertGreater(dropped.unread, 30);
  assertEquals(dropped.noBuffer, 0);
});

test("nobody reads at all: no stall either", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, {
    ...QUICK,
    readTimeout: 700,
    stallTimeout: 700,
  });
  await stream.start().ready;
  await sleep(1_500);
  assertEquals([stream.state, stream.reconnectCount], ["streaming", 0]);
  assertGreater(readNewest(stream).index, 10);
});

test("a file whose reader takes its time is no stall, and loses nothing", SLOW, async () => {
  await using stream = new VideoStream(await makeVideo({ frames: 60 }), {
    readTimeout: 500,
    stallTimeout: 500,
  });
  const seen: number[] = [];
  for await (const { index } of stream) {
    seen.push(index);
    if (index === 1 || index === 40) await sleep(1_300);
  }
  assertEquals(seen, Array.from({ length: 60 }, (_, i) => i));
  assertEquals([stream.state, stream.lastError], ["stopped", undefined]);
});

test("a loss while the program blocks its thread is not a late open", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, {
    ...QUICK,
    transport: "tcp",
    openTimeout: 4_000,
    readTimeout: 1_000,
    reconnect: { maxAttempts: 0 },
  });
  const loop = new Follower(stream);
  // The connection is older than openTimeout.
  await until("that age", () => stream.stats().uptime > 4_500);
  camera.signal("SIGKILL");
  block(1_500);
  const error = await loop.ended;
  assertInstanceOf(error, StreamError);
  assert(["END_OF_STREAM", "REFUSED"].includes(error.code), error.message);
  assertEquals(error.operation, "read");
});

test("a file that ends while the program blocks its thread has ended well", SLOW, async () => {
  await using stream = new VideoStream(await makeVideo({ frames: 20 }), {
    openTimeout: 3_000,
    readTimeout: 800,
    stallTimeout: 800,
  });
  const seen: number[] = [];
  for await (const { index } of stream) {
    seen.push(index);
    // Older than openTimeout; at index 17 the rest is in the buffers, and the thread has come to the end.
    if (index === 4) await until("that age", () => stream.stats().uptime > 3_500);
    if (index === 17) block(1_200);
  }
  assertEquals(seen, Array.from({ length: 20 }, (_, i) => i));
  assertEquals([stream.state, stream.lastError], ["stopped", undefined]);
});
