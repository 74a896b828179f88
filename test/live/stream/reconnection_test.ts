/** A connection that is lost is made again, as `reconnect` says. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StreamError, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { freePort } from "../../support/port.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { rejection, until } from "../../support/waiting.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import {
  assertBack,
  Calls,
  Follower,
  holdings,
  Notes,
  QUICK,
  SMALL_CAMERA,
  StatusLog,
  warmUp,
} from "../lifecycle.ts";
import { SLOW } from "../reading.ts";
import { AGAIN, LOOK, startRefuser } from "./reconnecting.ts";

test("a camera that is killed and started again gives frames again", SLOW, async () => {
  const first = await startCamera(SMALL_CAMERA);
  await using _first = first;
  const calls = new Calls();
  await using stream = new VideoStream(first.url, {
    ...QUICK,
    ...calls.options,
    reconnect: AGAIN,
  });
  const recording = new StatusLog(stream);
  assertEquals(stream.state, "idle");
  stream.start();
  assertEquals(stream.state, "connecting");
  const follower = new Follower(stream);
  await follower.more(10);
  assertEquals([stream.state, stream.isConnected, stream.reconnectCount], ["streaming", true, 0]);
  assert(stream.read());

  await first.kill();
  await until("a disconnection", () => calls.disconnects.length > 0);
  assertEquals([stream.state, stream.isConnected], ["reconnecting", false]);
  const kept = stream.read();
  await sleep(500);
  assertEquals(stream.state, "reconnecting");
  assertStrictEquals(stream.read()?.index, kept?.index, "the last frame is kept");
  assertEquals(kept?.data.length, 320 * 180 * 3);
  assertEquals(kept?.connection, 1);
  assertStrictEquals(stream.read({ maxAge: 50 }), null, "but not as a fresh one");
  assertGreater(stream.reconnectCount, 0);

  await using _again = await startCamera({ ...SMALL_CAMERA, port: first.port });
  await until("another connection", () => calls.connects === 2);
  await follower.more(10);
  assertEquals([stream.state, stream.isConnected], ["streaming", true]);
  assertEquals(follower.last?.connection, 2);
  assertEquals(stream.read()?.connection, 2);
  follower.assertIncreasing();
  assertEquals(calls.connects, 2);
  assertEquals(calls.disconnects.length, 1);
  const [error] = calls.disconnects;
  assertInstanceOf(error, StreamError);
  assert(["END_OF_STREAM", "REFUSED"].includes(error!.code), error!.code);
  assertEquals(error!.operation, "read");
  assertEquals(calls.failures, []);
  assertEquals(stream.reconnectCount, recording.of("connecting").length - 1);
  assertEquals(stream.stats().reconnects, stream.reconnectCount);
  await stream.stop();
  await recording.ended;
  assertMatch(
    recording.story,
    /^connecting connected disconnected (reconnecting connecting )+connected stopped$/,
  );
  assertEquals(await follower.ended, undefined);
});

test("the waits between attempts grow as the back-off says", SLOW, async () => {
  const url = `rtsp://127.0.0.1:${await freePort()}/stream`;
  const reconnect = { delay: 200, backoff: 2, maxDelay: 800, maxAttempts: 4 };
  await using stream = new VideoStream(url, { reconnect });
  const recording = new StatusLog(stream);
  await rejection(stream.start().ready);
  await recording.ended;
  const waits = recording.of("reconnecting");
  assertEquals(waits.map(({ delay }) => delay), [200, 400, 800, 800]);
  assertEquals(waits.map(({ attempt }) => attempt), [2, 3, 4, 5]);
  const attempts = recording.of("connecting");
  assertEquals(attempts.map(({ attempt }) => attempt), [1, 2, 3, 4, 5]);
  waits.forEach(({ delay, time, error }, i) => {
    const waited = attempts[i + 1]!.time - time;
    // The clock has whole milliseconds, and a busy machine is late.
    assert(waited >= delay - 2 && waited < delay + 200, `${waited} ms in place of ${delay}`);
    assertEquals([error.code, error.attempt], ["REFUSED", i + 1]);
  });
});

test("a stream that has used up its attempts has failed, and says so to all", SLOW, async () => {
  await using server = await startRefuser();
  const calls = new Calls();
  await using stream = new VideoStream(server.url, {
    ...calls.options,
    reconnect: { delay: 20, maxAttempts: 2 },
  });
  const loop = new Follower(stream);
  const [pending, ready, failure] = await Promise.all([
    rejection(stream.next()),
    rejection(stream.ready),
    loop.ended,
  ]);
  assertEquals(server.connections, 3 + LOOK);
  assertEquals(stream.state, "failed");
  assertEquals(stream.reconnectCount, 2);
  assertEquals([calls.connects, calls.disconnects.length, calls.failures.length], [0, 0, 1]);
  const [error] = calls.failures;
  assertInstanceOf(error, StreamError);
  assertEquals(error!.attempt, 3);
  assertStrictEquals(stream.lastError, error);
  for (const reason of [pending, ready, failure]) assertStrictEquals(reason, error);
  // And so to those who come later.
  assertStrictEquals(await rejection(stream.next()), error);
  assertStrictEquals(await rejection(stream.ready), error);
  assertStrictEquals(await new Follower(stream).ended, error);
  assertStrictEquals(stream.read(), null);
  await sleep(100);
  assertEquals([server.connections, calls.failures.length], [3 + LOOK, 1]);
});

test("with maxAttempts 0 there is one attempt", SLOW, async () => {
  await using server = await startRefuser();
  await using camera = await startCamera(SMALL_CAMERA);
  const calls = [new Calls(), new Calls()];
  const options = { ...QUICK, reconnect: { delay: 10, maxAttempts: 0 } };
  await using refused = new VideoStream(server.url, { ...options, ...calls[0]!.options });
  await using killed = new VideoStream(camera.url, { ...options, ...calls[1]!.options });
  assertInstanceOf(await rejection(refused.start().ready), StreamError);
  await killed.start().ready;
  const loop = new Follower(killed);
  await loop.more(2);
  await camera.kill();
  const error = await loop.ended;
  await sleep(100);
  assertEquals(server.connections, 1 + LOOK);
  assertEquals([refused.state, refused.reconnectCount, calls[0]!.failures.length], [
    "failed",
    0,
    1,
  ]);
  assertEquals([killed.state, killed.reconnectCount], ["failed", 0]);
  assertEquals(calls[1]!.disconnects, [error]);
  assertEquals(calls[1]!.failures, [error]);
});

test("reconnect.retry decides, and is not trusted to work", SLOW, async () => {
  await using locked = await startWrongCamera({ answers: { DESCRIBE: { status: 401 } } });
  await using refuser = await startRefuser();
  await using other = await startRefuser();
  const asked: string[] = [];
  const notes = new Notes();
  const limits = { delay: 10, maxAttempts: 2 };
  const run = async (url: string, retry?: (error: StreamError) => boolean) => {
    await using stream = new VideoStream(url, {
      logger: notes,
      openTimeout: 30_000,
      reconnect: { ...limits, retry },
    });
    await rejection(stream.start().ready);
    return [stream.lastError?.code, stream.reconnectCount];
  };
  const results = await Promise.all([
    run(locked.url),
    run(locked.url, ({ code, retryable }) => {
      asked.push(`${code} ${retryable}`);
      return true;
    }),
    run(refuser.url, () => false),
    run(other.url, () => {
      throw new Error("a bug of the program's");
    }),
  ]);
  assertEquals(results.map(([, count]) => count), [0, 2, 0, 2]);
  assertEquals(results.slice(0, 2).map(([code]) => code), ["AUTH_FAILED", "AUTH_FAILED"]);
  // Not asked when the attempts have run out.
  assertEquals(asked, ["AUTH_FAILED false", "AUTH_FAILED false"]);
  assertEquals([refuser.connections, other.connections], [1 + LOOK, 3 + LOOK]);
  assertEquals(notes.find(/^error: .*reconnect\.retry threw .*a bug of the program's/).length, 2);
});

test("a callback that throws is logged and harms nobody", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  const notes = new Notes();
  const broken = (name: string) => () => {
    throw new Error(`thrown by ${name}`);
  };
  await using stream = new VideoStream(camera.url, {
    ...QUICK,
    logger: notes,
    reconnect: { delay: 20, maxAttempts: 1 },
    onConnect: broken("connect"),
    onDisconnect: broken("disconnect"),
    onReconnectFailure: broken("failure"),
  });
  const loop = new Follower(stream);
  await loop.more(5);
  assertEquals(stream.state, "streaming");
  await camera.kill();
  assertInstanceOf(await loop.ended, StreamError);
  assertEquals([stream.state, stream.reconnectCount], ["failed", 1]);
  for (const name of ["connect", "disconnect", "failure"]) {
    assertEquals(notes.find(new RegExp(`^error: .*thrown by ${name}`)).length, 1, name);
  }
});

test("a flapping line leaves nothing behind", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using proxy = await startProxy({ targetPort: camera.port });
  await warmUp();
  const calls = new Calls();
  await using stream = new VideoStream(proxy.url, {
    ...QUICK,
    ...calls.options,
    transport: "tcp",
    reconnect: { delay: 20 },
  });
  const follower = new Follower(stream);
  await follower.more(2);
  const before = holdings();
  for (let cut = 1; cut <= 10; cut++) {
    proxy.cut();
    await until(`connection ${cut + 1}`, () => calls.connects === cut + 1);
    await follower.more(1);
  }
  await assertBack(before);
  follower.assertIncreasing();
  assertEquals(follower.last?.connection, 11);
  assertEquals([calls.connects, calls.disconnects.length, stream.reconnectCount], [11, 10, 10]);
});
