/** Servers that do not let a writer publish, and who is told of it. */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { StreamError, VideoStream, VideoWriter } from "../../../mod.ts";
import { freePort } from "../../support/port.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { rejection, until, within } from "../../support/waiting.ts";
import { Calls, QUICK } from "../lifecycle.ts";
import { SLOW } from "../reading.ts";
import { ending, LiveSource, numberOf, recordingOf, scene, SMALL_RGB } from "../writing.ts";
import { LIVE, watch } from "./publishing.ts";

test("a refusing port: the writer fails when its attempts are used up", SLOW, async () => {
  const calls = new Calls();
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  const writer = new VideoWriter(url, {
    ...SMALL_RGB,
    ...calls.options,
    reconnect: { delay: 20, maxAttempts: 2 },
  });
  await using _end = ending(writer);
  const recording = recordingOf(writer);
  assert(writer.write(scene.picture(0)));
  const [ready, flushed] = await within(
    "failure",
    Promise.all([rejection(writer.ready), rejection(writer.flush())]),
  );
  await within("end of the status", recording.ended);
  assertMatch(recording.story, /^connecting (reconnecting connecting ){2}failed$/);
  assertInstanceOf(ready, StreamError);
  assertEquals([ready.code, ready.operation, ready.attempt], ["REFUSED", "open", 3], ready.message);
  assertStrictEquals(flushed, ready);
  assertStrictEquals(writer.lastError, ready);
  assertEquals([writer.state, writer.isConnected, writer.reconnectCount], ["failed", false, 2]);
  assertEquals([calls.connects, calls.disconnects.length], [0, 0]);
  assertEquals(calls.failures, [ready]);
  assertStrictEquals(assertThrows(() => writer.write(scene.picture(1))), ready);
  assertStrictEquals(await rejection(writer.drain()), ready);
  assertStrictEquals(await rejection(writer.ready), ready);
  // It has been told already.
  assertStrictEquals(await rejection(writer.close()), undefined);
  assertEquals([writer.state, calls.failures.length], ["failed", 1]);
});

test("a codec that RTMP cannot carry is refused once, with what it can", SLOW, async () => {
  for (const codec of ["mjpeg", "mpeg4"] as const) {
    const writer = new VideoWriter(`rtmp://127.0.0.1:${await freePort()}/live/key`, {
      ...SMALL_RGB,
      codec,
    });
    await using _end = ending(writer);
    assert(writer.write(scene.picture(0)));
    const error = await within("failure", rejection(writer.ready));
    assertInstanceOf(error, StreamError);
    assertEquals([error.code, error.attempt], ["UNSUPPORTED_CODEC", 1], error.message);
    assertMatch(error.message, new RegExp(`flv cannot carry ${codec} .*; flv takes h264`));
    assertEquals([writer.state, writer.reconnectCount], ["failed", 0]);
  }
});

test("close() tells of a failure that nobody was told of, once", SLOW, async () => {
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  const fail = async () => {
    const writer = new VideoWriter(url, { ...SMALL_RGB, reconnect: { maxAttempts: 0 } });
    writer.write(scene.picture(0));
    await until("a failure", () => writer.state === "failed");
    return writer;
  };
  const silent = await fail();
  assertStrictEquals(await rejection(silent.close()), silent.lastError);
  const told = await fail();
  assertThrows(() => told.write(scene.picture(1)), StreamError);
  assertStrictEquals(await rejection(told.close()), undefined);
});

test("a failure that ready tells of is the one that comes out of the block", SLOW, async () => {
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  const error = await rejection((async () => {
    await using writer = new VideoWriter(url, { ...SMALL_RGB, reconnect: { maxAttempts: 0 } });
    await within("ready", writer.ready);
  })());
  assertInstanceOf(error, StreamError, String(error));
  assertEquals(error.code, "REFUSED");
});

test("a failure that close() tells of is the one that comes out of the block", SLOW, async () => {
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  const error = await rejection((async () => {
    await using writer = new VideoWriter(url, { ...SMALL_RGB, reconnect: { maxAttempts: 0 } });
    writer.write(scene.picture(0));
    await until("a failure", () => writer.state === "failed");
    await writer.close();
  })());
  assertInstanceOf(error, StreamError, String(error));
  assertEquals(error.code, "REFUSED");
});

test("a server that denies publishing is not tried more often than maxAttempts", SLOW, async () => {
  await using server = await startRtmpServer({ onPublish: "deny" });
  const calls = new Calls();
  const writer = new VideoWriter(server.url("secret"), {
    ...SMALL_RGB,
    ...calls.options,
    reconnect: { delay: 50, maxAttempts: 3 },
  });
  await using _end = ending(writer);
  await using source = new LiveSource(writer);
  await until("a failure", () => writer.state === "failed", 8_000);
  const [error] = calls.failures;
  // It says yes first, and hangs up then.
  assertEquals([error!.code, error!.operation, error!.attempt], ["REFUSED", "open", 4]);
  assertMatch(error!.message, /ended the connection \d+ ms after it had accepted it.*stream key/);
  assertEquals([calls.failures.length, writer.reconnectCount], [1, 3]);
  await until("an end of the source", () => source.error !== undefined);
  assertStrictEquals(source.error, error);
});

/** Of a connection to which nothing is written. */
const skip = process.platform === "linux" ? false : "only Linux tells of it";

test("a writer without frames learns of a refusal and of a server that goes", {
  ...SLOW,
  skip,
}, async () => {
  const size = { width: 320, height: 180 };
  await using denying = await startRtmpServer({ onPublish: "deny" });
  const refused = new VideoWriter(denying.url("key"), { ...size, reconnect: { maxAttempts: 0 } });
  await using _refusedEnd = ending(refused);
  const error = await within("refusal", rejection(refused.ready));
  assertInstanceOf(error, StreamError);
  assertEquals(error.code, "REFUSED", error.message);

  await using server = await startRtmpServer();
  await using proxy = await startProxy({ targetPort: server.port });
  const calls = new Calls();
  const writer = new VideoWriter(`rtmp://127.0.0.1:${proxy.port}/live/idle`, {
    ...size,
    ...calls.options,
    reconnect: { delay: 50 },
  });
  await using _end = ending(writer);
  await within("acceptance", writer.ready);
  proxy.cut();
  await until("the loss", () => writer.reconnectCount > 0);
  assertEquals(calls.disconnects.map(({ code }) => code), ["END_OF_STREAM"]);
});

test(
  "a server that says yes and hangs up two seconds later has never connected",
  SLOW,
  async () => {
    await using server = await startRtmpServer();
    await using proxy = await startProxy({ targetPort: server.port });
    proxy.cutAfter(1_900);
    const calls = new Calls();
    const writer = new VideoWriter(`rtmp://127.0.0.1:${proxy.port}/live/late`, {
      ...LIVE,
      ...calls.options,
      reconnect: { delay: 50, maxAttempts: 1 },
    });
    await using _end = ending(writer);
    const recording = recordingOf(writer);
    await using source = new LiveSource(writer);
    const error = await within("ready", rejection(writer.ready));
    assertInstanceOf(error, StreamError);
    assertEquals([error.code, error.operation, error.attempt], ["REFUSED", "open", 2]);
    assertMatch(error.message, /ended the connection \d+ ms after it had accepted it.*stream key/);
    await within("end of the status", recording.ended);
    assertEquals(recording.story, "connecting reconnecting connecting failed");
    assertEquals([calls.connects, calls.disconnects, calls.failures], [0, [], [error]]);
    await until("an end of the source", () => source.error !== undefined);
    assertStrictEquals(source.error, error);
  },
);

test("a writer that ends before its trial does has connected", SLOW, async () => {
  await using server = await startRtmpServer();
  const calls = new Calls();
  const writer = new VideoWriter(server.url("short"), { ...LIVE, ...calls.options });
  await using _end = ending(writer);
  writer.write(scene.picture(0));
  await within("end", writer.close());
  await within("ready", writer.ready);
  assertEquals([calls.connects, writer.stats().written, writer.state], [1, 1, "stopped"]);
});

test("a key that somebody else publishes is not taken from them", SLOW, async () => {
  await using server = await startRtmpServer();
  await using first = new VideoWriter(server.url("live"), LIVE);
  await using _source = new LiveSource(first);
  await within("ready", first.ready);
  await until("pictures", () => first.stats().written > 5);
  const second = new VideoWriter(server.url("live"), {
    ...SMALL_RGB,
    reconnect: { delay: 50, maxAttempts: 1 },
  });
  await using _end = ending(second);
  await using _other = new LiveSource(second, 30, (index) => scene.picture(index + 40_000));
  const { code, message } = await until("an error", () => second.lastError);
  assertEquals(code, "REFUSED", message);
  assertMatch(message, /refused the stream.*does not pass its reason.*somebody else publishes/);
  await using stream = new VideoStream(server.url("live"), QUICK);
  await watch(stream, 10, (frame) => assertLess(numberOf(frame) ?? NaN, 40_000));
  assertEquals([first.state, first.reconnectCount], ["streaming", 0]);
});
