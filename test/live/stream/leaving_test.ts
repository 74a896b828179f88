/** A stream can be left at any time, at once, and nothing of it stays. */

import {
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StreamError, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { freePort } from "../../support/port.ts";
import { rejection, timed, until } from "../../support/waiting.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import {
  assertBack,
  Follower,
  holdings,
  QUICK,
  SMALL_CAMERA,
  StatusLog,
  STOP_BOUND,
  stopInTime,
  warmUp,
} from "../lifecycle.ts";
import { codeOf, SLOW } from "../reading.ts";

test("stop() tells the camera that it may stop sending", SLOW, async () => {
  for (const transport of ["tcp", "udp"] as const) {
    await using camera = await startCamera(SMALL_CAMERA);
    await using stream = new VideoStream(camera.url, { ...QUICK, transport });
    await stream.start().ready;
    await stream.stop();
    await until("an end of the connection", () => camera.count("CLOSED") === 1);
    assertEquals(camera.count("TEARDOWN"), 1, transport);
  }
});

test("stop() twice, and by several at once", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, QUICK);
  const recording = new StatusLog(stream);
  await stream.start().ready;
  const calls = [stream.stop(), stream.stop(), stream[Symbol.asyncDispose]()];
  assertLessOrEqual(await timed(Promise.all(calls)), STOP_BOUND);
  assertLess(await timed(stream.stop()), 50);
  await recording.ended;
  assertEquals(recording.story, "connecting connected stopped");
  assertEquals(stream.state, "stopped");
});

test("stop() before start()", SLOW, async () => {
  await using server = await startWrongCamera(SILENT);
  await using stream = new VideoStream(server.url);
  const ready = rejection(stream.ready);
  assertLess(await timed(stream.stop()), 50);
  assertEquals(stream.state, "stopped");
  assertEquals(codeOf(await ready), "ABORTED");
  const error = assertThrows(() => stream.start(), StreamError);
  assertEquals(error.code, "CLOSED");
  assertEquals(codeOf(await rejection(stream.next())), "CLOSED");
  assertEquals(codeOf(await rejection(stream.snapshot())), "CLOSED");
  assertEquals(await new Follower(stream).ended, undefined);
  assertEquals([stream.read(), server.connections], [null, 0]);
});

test("stop() after it has failed", SLOW, async () => {
  await warmUp();
  const before = holdings();
  const url = `rtsp://127.0.0.1:${await freePort()}/stream`;
  await using stream = new VideoStream(url, { reconnect: { maxAttempts: 0 } });
  const error = await rejection(stream.start().ready);
  assertEquals(stream.state, "failed");
  await stopInTime(stream);
  assertEquals(stream.state, "failed");
  assertStrictEquals(stream.lastError, error);
  assertStrictEquals(await rejection(stream.next()), error);
  assertEquals(assertThrows(() => stream.start(), StreamError).code, "CLOSED");
  await assertBack(before);
});

test("a stream cannot be started after stop()", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, QUICK);
  await stream.start().ready;
  await stream.stop();
  assertEquals(assertThrows(() => stream.start(), StreamError).code, "CLOSED");
  assertEquals(codeOf(await rejection(stream.next())), "CLOSED");
  assertEquals(codeOf(await rejection(stream.snapshot())), "CLOSED");
  await stream.ready;
  await sleep(100);
  assertEquals(camera.count("CONNECT"), 1);
});

test("a loop may stop its own stream, and may be left without it", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, QUICK);
  for await (const frame of stream) {
    if (frame.index >= 2) break;
  }
  assertEquals(stream.state, "streaming");
  let turns = 0;
  for await (const _ of stream) {
    if (++turns === 3) await stopInTime(stream);
    assertLessOrEqual(turns, 3);
  }
  assertEquals([turns, stream.state], [3, "stopped"]);
});

test("the signal of a loop or a wait ends that one only", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, QUICK);
  await stream.start().ready;
  camera.pause();
  const controller = new AbortController();
  const { signal } = controller;
  await until("a silence", () => (stream.read()?.age ?? 0) > 200);
  const next = rejection(stream.next({ signal }));
  const loop = (async () => {
    for await (const _ of stream.frames({ signal }));
  })();
  await sleep(50);
  controller.abort(new Error("enough"));
  assertLess(await timed(Promise.all([next, loop])), 200);
  assertStrictEquals(await next, signal.reason);
  assertEquals(stream.state, "streaming");
  camera.resume();
  await stream.next();
});
