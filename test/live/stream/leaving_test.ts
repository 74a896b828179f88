/** A stream can be left at any time, at once, and nothing of it stays. */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FrameReleasedError, StreamError, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { makeVideo } from "../../support/media.ts";
import { freePort } from "../../support/port.ts";
import { rejection, timed, until } from "../../support/waiting.ts";
import { DRIPPING, SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import {
  assertBack,
  Follower,
  holdings,
  Notes,
  QUICK,
  SMALL_CAMERA,
  StatusLog,
  STOP_BOUND,
  stopInTime,
  warmUp,
} from "../lifecycle.ts";
import { codeOf, SLOW } from "../reading.ts";

/**
 * Starts a stream that gives no frame, and stops it when it has come as far as
 * the test wants: whoever waits must hear of it at once.
 */
async function leaveBeforeFrames(
  stream: VideoStream,
  reached: () => Promise<unknown>,
): Promise<void> {
  await using _stream = stream;
  const before = holdings();
  stream.start();
  const ready = rejection(stream.ready);
  const next = rejection(stream.next());
  const loop = new Follower(stream);
  await reached();
  const elapsed = await timed(Promise.all([stream.stop(), ready, next, loop.ended]));
  assertLessOrEqual(elapsed, STOP_BOUND, `it took ${elapsed.toFixed(0)} ms`);
  assertEquals([codeOf(await ready), codeOf(await next)], ["ABORTED", "CLOSED"]);
  assertEquals(await loop.ended, undefined);
  assertEquals([stream.state, stream.isConnected, stream.read()], ["stopped", false, null]);
  await assertBack(before);
}

test("stop() while a server accepts and never answers", SLOW, async () => {
  await using server = await startWrongCamera(SILENT);
  await warmUp();
  await leaveBeforeFrames(
    new VideoStream(server.url),
    () => until("a request", () => server.requests.length > 0),
  );
});

test("stop() while a server answers drop by drop", SLOW, async () => {
  await using server = await startWrongCamera(DRIPPING);
  await warmUp();
  await leaveBeforeFrames(new VideoStream(server.url), async () => {
    await until("a request", () => server.requests.length > 0);
    await sleep(300);
  });
});

/** Its queue of connections is full, so that another one is never answered. */
const BLACK_HOLE = `
import socket, time
hole = socket.socket()
hole.bind(("127.0.0.1", 0))
hole.listen(0)
full = []
for _ in range(4):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(hole.getsockname())
    full.append(one)
time.sleep(0.2)
print("READY", hole.getsockname()[1], flush=True)
time.sleep(60)
`;

/** How many connections to a port wait for their answer (state 02 is SYN_SENT). */
function callsTo(port: number): number {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 02`;
  return readFileSync("/proc/net/tcp", "utf8").split(remote).length - 1;
}

test("stop() while the connection is not even answered", SLOW, async () => {
  let port = 0;
  await using hole = new Child("/usr/bin/python3", ["-c", BLACK_HOLE], {
    onLine: (line) => port = Number(line.split(" ")[1]),
  });
  await hole.until("black hole", () => port || undefined);
  await warmUp();
  const before = callsTo(port);
  const stream = new VideoStream(`rtsp://127.0.0.1:${port}/stream`);
  await leaveBeforeFrames(stream, async () => {
    await until("a call", () => callsTo(port) > before);
    await sleep(300);
    assertEquals([stream.state, stream.lastError], ["connecting", undefined]);
  });
});

test("stop() while it waits a minute to connect again", SLOW, async () => {
  await warmUp();
  const stream = new VideoStream(`rtsp://127.0.0.1:${await freePort()}/stream`, {
    reconnect: { delay: 60_000, maxDelay: 60_000 },
  });
  await leaveBeforeFrames(stream, () => until("a wait", () => stream.state === "reconnecting"));
});

for (const transport of ["tcp", "udp"] as const) {
  test(`stop() while frames come over ${transport}`, SLOW, async () => {
    await using camera = await startCamera(SMALL_CAMERA);
    await warmUp();
    const before = holdings();
    await using stream = new VideoStream(camera.url, { ...QUICK, transport });
    const loop = new Follower(stream);
    await loop.more(5);
    const frame = stream.read();
    assert(frame);
    const elapsed = await timed(Promise.all([stream.stop(), loop.ended]));
    assertLessOrEqual(elapsed, STOP_BOUND, `it took ${elapsed.toFixed(0)} ms`);
    assertEquals(await loop.ended, undefined);
    assertEquals([stream.state, stream.isConnected, stream.read()], ["stopped", false, null]);
    assertThrows(() => frame.data, FrameReleasedError);
    await stream.ready;
    await assertBack(before);
    await until("an end of the connection", () => camera.count("CLOSED") > 0);
  });
}

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

test("stop() while a file waits for its reader", SLOW, async () => {
  const file = await makeVideo({ frames: 60 });
  await warmUp();
  const before = holdings();
  await using stream = new VideoStream(file).start();
  await stream.next();
  await sleep(300);
  assertLess(stream.stats().decoded, 60);
  await stopInTime(stream);
  assertEquals(codeOf(await rejection(stream.next())), "CLOSED");
  await assertBack(before);
});

test("stop() while a file waits for the time of its next frame", SLOW, async () => {
  const file = await makeVideo({ frames: 10, fps: 1, name: "slow" });
  await using stream = new VideoStream(file, { pace: true }).start();
  await stream.next();
  await stopInTime(stream);
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

test("a thread that cannot be stopped is left behind, and the log says so", SLOW, async () => {
  const directory = mkdtempSync(join(tmpdir(), "rtsp-stream-fifo-"));
  using cleanup = new DisposableStack();
  cleanup.defer(() => rmSync(directory, { recursive: true }));
  const fifo = join(directory, "pipe.ts");
  assertEquals((await new Child("mkfifo", [fifo]).exited).code, 0);
  await warmUp();
  const before = holdings();
  const notes = new Notes();
  // A pipe that nobody writes to holds up whoever opens it.
  await using stream = new VideoStream(fifo, {
    container: "mpegts",
    logger: notes,
    closeTimeout: 400,
  });
  const ready = rejection(stream.start().ready);
  await until("an attempt", () => notes.find(/attempt 1/)[0]);
  await sleep(500);
  const elapsed = await timed(stream.stop());
  assertGreaterOrEqual(elapsed, 390);
  assertLess(elapsed, 400 + STOP_BOUND);
  assertEquals(notes.find(/^warn: .*did not end within 400 ms/).length, 1);
  assertEquals([stream.state, codeOf(await ready)], ["stopped", "ABORTED"]);
  // The open returns once there is a writer, and the read once there is none any more.
  await until("an end of the thread", () => {
    closeSync(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK));
    return holdings().workers <= before.workers;
  });
  await assertBack(before);
});
