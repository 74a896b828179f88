/** What is true of a stream after it was stopped, however long that took. */

import { assertEquals, assertLessOrEqual, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { rejection, timed } from "../../support/waiting.ts";
import {
  assertBack,
  Follower,
  holdings,
  QUICK,
  SMALL_CAMERA,
  StatusLog,
  STOP_BOUND,
  warmUp,
} from "../lifecycle.ts";
import { codeOf, failureOf, SLOW } from "../reading.ts";

test("await using stops a stream when its block is left by an exception", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await warmUp();
  const before = holdings();
  const streams: VideoStream[] = [];
  const failure = new Error("of the program");
  const block = async () => {
    await using stream = new VideoStream(camera.url, QUICK).start();
    streams.push(stream);
    await stream.ready;
    throw failure;
  };
  assertStrictEquals(await rejection(block()), failure);
  assertEquals(streams[0]!.state, "stopped");
  await assertBack(before);
});

test("aborting its signal is stop(), before and after start()", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await warmUp();
  const before = holdings();
  await using early = new VideoStream(camera.url, { signal: AbortSignal.abort() });
  assertEquals(codeOf(await rejection(early.start().ready)), "ABORTED");
  assertEquals(early.state, "stopped");

  const controller = new AbortController();
  await using stream = new VideoStream(camera.url, { ...QUICK, signal: controller.signal });
  const recording = new StatusLog(stream);
  const loop = new Follower(stream);
  await loop.more(3);
  // Takes what there is, so that the next one has to be waited for.
  stream.read();
  const next = rejection(stream.next());
  controller.abort();
  const elapsed = await timed(Promise.all([recording.ended, loop.ended, next]));
  assertLessOrEqual(elapsed, STOP_BOUND, `it took ${elapsed.toFixed(0)} ms`);
  assertEquals([stream.state, codeOf(await next)], ["stopped", "CLOSED"]);
  assertEquals(await loop.ended, undefined);
  assertEquals(recording.story, "connecting connected stopped");
  await assertBack(before);
  assertEquals(camera.count("CONNECT"), 1);
});

test("a logger that throws changes nothing for a stream", SLOW, async () => {
  const fail = () => {
    throw new Error("the log is full");
  };
  const logger = { debug: fail, info: fail, warn: fail, error: fail };
  const file = await makeVideo({ width: 320, height: 180, frames: 30 });
  await using stream = new VideoStream(file, { logger });
  assertEquals((await stream.start().next()).width, 320);
  await stream.stop();
  assertEquals([stream.state, stream.lastError], ["stopped", undefined]);
  assertEquals((await failureOf(`${file}.missing`, { logger })).code, "NOT_FOUND");
});
