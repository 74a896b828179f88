/** Recordings that cannot be made, and those that are cut off. */

import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { StreamError, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { longGop } from "../../support/elementary.ts";
import { Listener } from "../../support/listener.ts";
import { probe } from "../../support/probe.ts";
import { startScript } from "../../support/process.ts";
import { startPublisher } from "../../support/publish.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { until, within } from "../../support/waiting.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { Notes } from "../lifecycle.ts";
import { look, SLOW, SMALL, streamError, TemporaryDirectory } from "../reading.ts";
import {
  assertSound,
  assertUnbroken,
  begun,
  counting,
  countingCamera,
  each,
  FPS,
  GENERATED,
  GOP,
  numbersOf,
  record,
  running,
} from "./recordings.ts";

const ENDLESS = fileURLToPath(new URL("../fixtures/record_endless.ts", import.meta.url));

test("recordings outlive the process that makes them", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await each(["mp4", "mov", "mkv"], async (extension) => {
    const path = directory.file(`film.${extension}`);
    await using child = startScript(ENDLESS, [camera.url, path]);
    const count = await child.until("70 frames", () => {
      const written = Number(child.stdout.trim().split("\n").at(-1));
      return written >= 70 ? written : undefined;
    });
    await child.kill();
    const numbers = await numbersOf(path);
    // One fragment is not there yet.
    assertGreater(numbers.length, count - FPS - 5);
    assertUnbroken(numbers, path);
    const { pictures, frames } = await probe(path);
    assert(pictures[0]!.key);
    assertEquals(frames, numbers.length);
  });
});

test("a directory that is missing ends the recording and not the stream", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url, { logger: silent() });
  const path = directory.file("missing/film.mp4");
  const recording = stream.record(path);
  const error = await streamError("end of the recording", recording.finished);
  assertArrayIncludes(["NOT_FOUND", "WRITE_FAILED"], [error.code], error.message);
  assertEquals(error.operation, "write");
  assert(error.message.includes(path), error.message);
  assertEquals([recording.active, recording.files], [false, []]);
  assert(await streamError("stop", recording.stop()) === error);
  assertEquals((await look(stream, 10)).length, 10);
  assertEquals([stream.state, stream.reconnectCount], ["streaming", 0]);
  assertEquals([stream.lastError, camera.count("PLAY")], [undefined, 1]);
  // Another one is not disturbed.
  const fine = directory.file("film.mp4");
  await record(stream, [fine], GOP);
  await assertSound(fine);
});

test("a container that does not take the codec ends the recording", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await startCamera({ ...GENERATED, codec: "mjpeg" });
  await using stream = await running(camera.url, { logger: silent() });
  for (const extension of ["flv", "ts"]) {
    const path = directory.file(`film.${extension}`);
    const recording = stream.record(path);
    const error = await streamError("end of the recording", recording.finished);
    assertEquals([recording.active, error.operation], [false, "write"], error.message);
    assertEquals([error.code, error.retryable], ["UNSUPPORTED_CODEC", false], error.message);
    assertMatch(error.message, /cannot carry mjpeg .*mov \(\.mov\), matroska \(\.mkv\) and avi/);
    assertEquals([recording.files, existsSync(path)], [[], false]);
  }
  assertEquals((await look(stream, 5)).length, 5);
  assertEquals(stream.state, "streaming");
});

test("a file that is there is not replaced", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url);
  const path = directory.file("film.mp4");
  await writeFile(path, "precious");
  // Two at once that want the same name get two files.
  const recordings = [stream.record(path), stream.record(path)];
  await Promise.all(recordings.map((recording) => begun(recording)));
  await sleep(500);
  await within("end", Promise.all(recordings.map((recording) => recording.stop())));
  const files = recordings.flatMap((recording) => recording.files);
  assertEquals(files.sort(), ["film-1.mp4", "film-2.mp4"].map((name) => directory.file(name)));
  for (const file of files) await assertSound(file);
  assertEquals(await readFile(path, "utf8"), "precious");
});

test("the end of the stream completes the files", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url);
  const paths = ["film.mp4", "film.mkv"].map((name) => directory.file(name));
  const count = counting(stream);
  const recordings = paths.map((path) => stream.record(path));
  await Promise.all(recordings.map((recording) => begun(recording)));
  await count.pass(FPS);
  await within("end of the stream", stream.stop());
  await within("end", Promise.all(recordings.map(({ finished }) => finished)));
  assert(recordings.every(({ active }) => !active));
  for (const path of paths) {
    await assertSound(path, { span: count.span() });
    assertUnbroken(await numbersOf(path), path);
  }
  const error = assertThrows(() => stream.record(directory.file("late.mp4")), StreamError);
  assertEquals(error.code, "CLOSED");
});

test("a recording without a picture ends without a file", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  // Nobody has started it.
  await using idle = new VideoStream("rtsp://127.0.0.1:1/stream");
  const [own, streams] = [idle.record(path), idle.record(path)];
  await within("end of the recording", own.stop());
  assertEquals([own.active, own.files, streams.active], [false, [], true]);
  await within("end of the stream", idle.stop());
  await within("end of the recording", streams.finished);
  assertEquals([streams.active, streams.files], [false, []]);
  assertEquals(await readdir(directory.path), []);
});

test("a recording that ends before a keyframe came says that it has nothing", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  // The next keyframe is 25 seconds away.
  await using camera = await startWrongCamera({ footage: await longGop(), fps: 10, start: 50 });
  const logger = new Notes();
  await using stream = new VideoStream(camera.url, { logger });
  const recording = stream.record(directory.file("film.mp4"));
  stream.start();
  await until("packets", () => recording.stats().skipped > 10);
  const error = await streamError("end of the recording", recording.stop());
  assertEquals([error.code, error.operation], ["WRITE_FAILED", "write"], error.message);
  assertMatch(error.message, /film\.mp4: nothing was recorded: .* keyframe/);
  const { packets, skipped } = recording.stats();
  assertEquals([packets, recording.files], [0, []]);
  assertGreater(skipped, 10);
  assertMatch(
    logger.lines.join("\n"),
    /recording .*film\.mp4: \d+ packets? came before a keyframe did/,
  );
});

test("a recording of a camera that does not answer ends when it is told to", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using mute = await new Listener(() => {}).listen();
  const logger = new Notes();
  await using stream = new VideoStream(mute.url, { openTimeout: 3_000, logger }).start();
  const [own, streams] = ["a.mp4", "b.mp4"].map((name) => stream.record(directory.file(name)));
  await until("connection", () => mute.connections > 0);
  await within("end of the recording", own!.stop());
  assertEquals([own!.active, own!.files, stream.state], [false, [], "connecting"]);
  await within("end of the stream", stream.stop());
  await within("end of the recording", streams!.finished);
  const warnings = logger.find(/^warn: .*[ab]\.mp4 ended without a file: no packet came$/);
  assertEquals(warnings.length, 2, logger.lines.join("\n"));
  assertEquals([streams!.active, await readdir(directory.path)], [false, []]);
});

test("an RTMP stream is recorded", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using server = await startRtmpServer();
  const url = server.url("camera");
  await using publisher = await startPublisher(url, { ...SMALL, keyInterval: GOP });
  await using stream = await running(url);
  const paths = ["film.mp4", "film.flv"].map((name) => directory.file(name));
  const span = await record(stream, paths, FPS);
  for (const path of paths) await assertSound(path, { span });
  assert(publisher.running);
});

function silent() {
  const none = () => {};
  return { debug: none, info: none, warn: none, error: none };
}
