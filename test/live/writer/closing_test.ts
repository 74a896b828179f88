/** A writer can be left at any time, and nothing of it stays. */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { StreamError, VideoWriter, type VideoWriterOptions } from "../../../mod.ts";
import { startRecordServer } from "../../support/gst_record_server.ts";
import { freePort } from "../../support/port.ts";
import { probe } from "../../support/probe.ts";
import { runScript } from "../../support/process.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { rejection, timed, until, within } from "../../support/waiting.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { assertBack, holdings, warmUp } from "../lifecycle.ts";
import { codeOf, SLOW, TemporaryDirectory } from "../reading.ts";
import {
  ending,
  LiveSource,
  recordingOf,
  scene,
  SMALL_RGB,
  warmUpWriter,
  writeAll,
  writeFile,
} from "../writing.ts";

/** How long `close()` may take where nothing is left to write: a hang bound. */
const SOON = 2_000;

test("close() completes a file, and leaves no thread and no descriptor", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await warmUpWriter();
  const before = holdings();
  for (let round = 0; round < 5; round++) {
    await writeFile(directory.file(`${round}.mp4`), 5, { codec: round % 2 ? "h264" : "mjpeg" });
  }
  await assertBack(before);
  assertEquals((await probe(directory.file("4.mp4"))).frames, 5);
});

test("after close() there is no writing", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, SMALL_RGB);
  await writeAll(writer, 3);
  const closing = writer.close();
  assertEquals(assertThrows(() => writer.write(scene.picture(3)), StreamError).code, "CLOSED");
  await within("end", closing);
  assertEquals(assertThrows(() => writer.write(scene.picture(3)), StreamError).code, "CLOSED");
  // It was ready once.
  await writer.ready;
  const { state, isConnected } = writer;
  assertEquals([state, isConnected, writer.stats().written], ["stopped", false, 3]);
  assertEquals((await probe(path)).frames, 3);
});

test("after close() there is nothing to wait for", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using writer = new VideoWriter(directory.file("film.mp4"), SMALL_RGB);
  await writeAll(writer, 3);
  await within("end", writer.close());
  assertEquals(codeOf(await within("drain", rejection(writer.drain()))), "CLOSED");
  assertEquals(codeOf(await within("flush", rejection(writer.flush()))), "CLOSED");
});

test("close() twice, and by several at once", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, SMALL_RGB);
  const recording = recordingOf(writer);
  await writeAll(writer, 3);
  await within(
    "ends",
    Promise.all([writer.close(), writer.close(), writer[Symbol.asyncDispose]()]),
  );
  assertLess(await timed(writer.close()), SOON);
  await within("end of the status", recording.ended);
  assertEquals(recording.story, "connecting connected stopped");
  assertEquals((await probe(path)).frames, 3);
});

test("close() of a writer that was never used opens nothing", SLOW, async () => {
  await using server = await startWrongCamera(SILENT);
  await using directory = await TemporaryDirectory.make();
  await warmUpWriter();
  const before = holdings();
  for (const url of [server.url, directory.file("film.mp4")]) {
    const writer = new VideoWriter(url, { ...SMALL_RGB });
    const recording = recordingOf(writer);
    await within("end", writer.close());
    await within("end of the status", recording.ended);
    assertEquals([writer.state, recording.story], ["stopped", "stopped"]);
    assertEquals(codeOf(await rejection(writer.ready)), "ABORTED");
    assertEquals(assertThrows(() => writer.write(scene.picture(0)), StreamError).code, "CLOSED");
  }
  assertEquals([server.connections, existsSync(directory.file("film.mp4"))], [0, false]);
  await assertBack(before);
});

test("close() while it waits a minute to connect again", SLOW, async () => {
  await warmUpWriter();
  const before = holdings();
  const writer = new VideoWriter(`rtmp://127.0.0.1:${await freePort()}/live/key`, {
    ...SMALL_RGB,
    reconnect: { delay: 60_000, maxDelay: 60_000 },
  });
  await using _end = ending(writer);
  assert(writer.write(scene.picture(0)));
  const ready = rejection(writer.ready);
  await until("a wait", () => writer.state === "reconnecting");
  await sleep(100);
  const closing = rejection(writer.close());
  assertLess(await timed(within("end", closing)), SOON);
  // The picture was never sent, and this is why.
  assertEquals([codeOf(await closing), await closing === writer.lastError], ["REFUSED", true]);
  const error = await within("ready", ready);
  assertInstanceOf(error, StreamError);
  assertStrictEquals(error.cause, writer.lastError);
  assertEquals(writer.state, "stopped");
  await assertBack(before);
});

test("close() while a server accepts and never answers", SLOW, async () => {
  await using server = await startWrongCamera(SILENT);
  await warmUpWriter();
  const before = holdings();
  const writer = new VideoWriter(server.url, { ...SMALL_RGB, closeTimeout: 500 });
  await using _end = ending(writer);
  assert(writer.write(scene.picture(0)));
  const ready = rejection(writer.ready);
  await until("a request", () => server.requests.length > 0);
  // It may still answer, and there is a picture to be sent.
  const closing = rejection(writer.close());
  assertLess(await timed(within("end", closing)), SOON);
  const error = await closing;
  assertInstanceOf(error, StreamError);
  assertEquals([error.code, error.operation], ["WRITE_TIMEOUT", "write"]);
  assertMatch(error.message, /1 of the last frames were not written within closeTimeout/);
  await within("ready", ready);
  assertEquals(writer.state, "stopped");
  await assertBack(before);
});

test("close() after a lost connection tells of the frames that were left", SLOW, async () => {
  const server = await startRtmpServer();
  const writer = new VideoWriter(server.url("live"), {
    ...SMALL_RGB,
    reconnect: { delay: 60_000, maxDelay: 60_000 },
  });
  await using _end = ending(writer);
  await using source = new LiveSource(writer);
  await within("ready", writer.ready);
  await server[Symbol.asyncDispose]();
  await until("a wait", () => writer.state === "reconnecting" && writer.stats().queue === 4);
  source.end();
  const error = await within("end", rejection(writer.close()), SOON);
  assertInstanceOf(error, StreamError);
  assertStrictEquals(error, writer.lastError);
  assertEquals([error.code, writer.state], ["END_OF_STREAM", "stopped"]);
});

test("close() that nobody waits for does not end the program", SLOW, async () => {
  const warnings: string[] = [];
  const nothing = () => {};
  const writer = new VideoWriter(`rtmp://127.0.0.1:${await freePort()}/live/key`, {
    ...SMALL_RGB,
    reconnect: { delay: 60_000, maxDelay: 60_000 },
    logger: {
      debug: nothing,
      info: nothing,
      error: nothing,
      warn: (text: string) => void warnings.push(text),
    },
  });
  const recording = recordingOf(writer);
  assert(writer.write(scene.picture(0)));
  await until("a wait", () => writer.state === "reconnecting");
  void writer.close();
  await within("end of the status", recording.ended);
  await until("a warning", () => /^closed before all was.*ECONNREFUSED/.test(warnings.at(-1)!));
});

test("close() in mid-stream says goodbye, and leaves nothing behind", SLOW, async () => {
  await using rtmp = await startRtmpServer();
  await using rtsp = await startRecordServer();
  await warmUpWriter();
  for (const url of [rtmp.url("live"), rtsp.url]) {
    const before = holdings();
    await using writer = new VideoWriter(url, SMALL_RGB);
    await using source = new LiveSource(writer);
    await within("ready", writer.ready);
    await until("pictures", () => writer.stats().written > 5);
    const elapsed = await timed(within("end", writer.close()));
    assertLessOrEqual(elapsed, SOON);
    await until("an end of the source", () => source.error !== undefined);
    assertEquals([codeOf(source.error), writer.state], ["CLOSED", "stopped"]);
    await assertBack(before);
  }
  await until("a goodbye", () => rtsp.count("TEARDOWN") === 1);
});

test("aborting its signal ends a writer at once, at every moment", SLOW, async () => {
  await using server = await startRtmpServer();
  await using silent = await startWrongCamera(SILENT);
  await using directory = await TemporaryDirectory.make();
  await warmUpWriter();
  const before = holdings();

  const early = new VideoWriter(server.url("early"), { ...SMALL_RGB, signal: AbortSignal.abort() });
  await using _early = ending(early);
  assertEquals(codeOf(await within("ready", rejection(early.ready))), "ABORTED");
  assertEquals(assertThrows(() => early.write(scene.picture(0)), StreamError).code, "CLOSED");
  assertEquals(early.state, "stopped");

  for (const url of [server.url("live"), silent.url, directory.file("film.mkv")]) {
    const controller = new AbortController();
    const writer = new VideoWriter(url, { ...SMALL_RGB, signal: controller.signal });
    await using _end = ending(writer);
    const recording = recordingOf(writer);
    await using source = new LiveSource(writer);
    if (url !== silent.url) await within("ready", writer.ready);
    await until("some pictures", () => source.count > 5);
    const flush = rejection(writer.flush());
    controller.abort();
    await within("end of the status", recording.ended, SOON);
    assertEquals([writer.state, recording.events.at(-1)?.type], ["stopped", "stopped"]);
    await within("flush", flush);
    await until("an end of the source", () => source.error !== undefined);
    assertEquals(codeOf(source.error), "CLOSED");
    assertLess(await timed(within("end", writer.close())), SOON);
  }
  await assertBack(before);
});

test("await using closes a writer when its block is left by an exception", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await warmUpWriter();
  const before = holdings();
  const failure = new Error("of the program");
  const writers: VideoWriter[] = [];
  const block = async () => {
    await using writer = new VideoWriter(path, SMALL_RGB);
    writers.push(writer);
    await writeAll(writer, 8);
    throw failure;
  };
  assertStrictEquals(await within("end", rejection(block())), failure);
  assertEquals(writers[0]!.state, "stopped");
  // What was written is a film.
  assertEquals((await probe(path)).frames, 8);
  await assertBack(before);
});

/** Closes itself from within a callback: nothing may wait for what that is waiting for. */
async function closeFromWithin(
  url: string,
  options: (close: () => void) => VideoWriterOptions,
): Promise<void> {
  const writer: VideoWriter = new VideoWriter(url, {
    ...SMALL_RGB,
    ...options(() => void writer.close()),
  });
  await using _end = ending(writer);
  const recording = recordingOf(writer);
  writer.write(scene.picture(0));
  await within("end of the status", recording.ended, 5_000);
  assertEquals([writer.state, recording.events.at(-1)?.type], ["stopped", "stopped"]);
}

test("close() from within onConnect is obeyed", SLOW, async () => {
  await using server = await startRtmpServer();
  await closeFromWithin(server.url("live"), (close) => ({ onConnect: close }));
});

test("close() from within reconnect.retry is obeyed", SLOW, async () => {
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  await closeFromWithin(url, (close) => ({
    reconnect: {
      delay: 60_000,
      retry: () => {
        close();
        return true;
      },
    },
  }));
});

test("a crowd of writers comes and goes without a trace", SLOW, async () => {
  await using server = await startRtmpServer();
  await warmUpWriter();
  await warmUp();
  const before = holdings();
  const writers = Array.from(
    { length: 8 },
    (_, i) =>
      new VideoWriter(server.url(`live${i}`), { width: 64, height: 36, openTimeout: 30_000 }),
  );
  const bytes = new Uint8Array(64 * 36 * 3).fill(80);
  for (const writer of writers) writer.write(bytes);
  await within("all ready", Promise.all(writers.map(({ ready }) => ready)), 30_000);
  assertEquals(holdings().workers - before.workers, 8);
  await within("all ended", Promise.all(writers.map((writer) => writer.close())));
  await assertBack(before);
});

const fixture = fileURLToPath(new URL("../fixtures/write_leave.ts", import.meta.url));

for (const how of ["close", "fail", "exit", "throw", "file"]) {
  test(`a process ends by itself: ${how}`, SLOW, async () => {
    await using server = await startRtmpServer();
    await using directory = await TemporaryDirectory.make();
    const url = how === "fail"
      ? `rtmp://127.0.0.1:${await freePort()}/live/key`
      : server.url("live");
    const place = how === "file" ? directory.file("film.mkv") : url;
    const result = await runScript(fixture, [how, place], { timeout: 8_000 });
    const end = Date.now();
    const about = `${how}: ${result.stdout}${result.stderr}`;
    const expected = { close: 0, fail: 0, exit: 7, throw: 1, file: 0 }[how];
    assertEquals([result.code, result.signal], [expected, null], about);
    const { at } = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "{}");
    assertLess(end - at, 3_000, about);
  });
}
