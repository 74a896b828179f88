/** Recordings that begin before they were asked for. */

import {
  assertAlmostEquals,
  assertGreater,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { within } from "../../support/waiting.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import {
  assertSound,
  assertUnbroken,
  assertUnbrokenToTheEnd,
  begun,
  countingCamera,
  FPS,
  GENERATED,
  GOP,
  numbersOf,
  running,
} from "./recordings.ts";

test("with a history a recording begins before it is asked for", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url, { history: { duration: 1_600 } });
  await sleep(2_200);
  const paths = ["all.mp4", "some.mkv", "none.mp4"].map((name) => directory.file(name));
  const recordings = [1_600, 800, 0].map((preEvent, i) => stream.record(paths[i]!, { preEvent }));
  const begin = performance.now();
  await sleep(700);
  await within("end", Promise.all(recordings.map((recording) => recording.stop())));
  const ms = performance.now() - begin;
  const gop = GOP / FPS * 1_000;
  // From the keyframe before the time on.
  const expected = [ms + 1_600 + gop / 2, ms + 800 + gop / 2, ms - gop / 2];
  for (const [i, path] of paths.entries()) {
    const { frames } = await assertSound(path);
    assertAlmostEquals(frames / FPS * 1_000, expected[i]!, gop / 2 + 200, path);
    assertUnbroken(await numbersOf(path), path);
  }
});

test("with a history, the past of a stream with B-frames is in order", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera({ bframes: 2 });
  await using stream = await running(camera.url, { history: { duration: 1_000 } });
  await sleep(1_500);
  const path = directory.file("film.mp4");
  const recording = stream.record(path, { preEvent: 1_000 });
  await sleep(500);
  await within("end", recording.stop());
  const { frames } = await assertSound(path, { order: "reordered" });
  assertGreater(frames, 1.4 * FPS);
  assertUnbrokenToTheEnd(await numbersOf(path), path);
});

test("without a history, preEvent is an error that names the option", () => {
  const stream = new VideoStream("rtsp://127.0.0.1:9/live");
  const { message } = assertThrows(() => stream.record("cam.mp4", { preEvent: 5_000 }), TypeError);
  assertStringIncludes(message, "history: { duration: 5000 }");
});

test("a recording without preEvent begins at the next keyframe", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await startCamera({ ...GENERATED, keyInterval: 60 });
  await using stream = await running(camera.url, { history: { duration: 5_000 } });
  const path = directory.file("film.mp4");
  const begin = performance.now();
  const recording = stream.record(path);
  await begun(recording);
  await sleep(500);
  await within("end", recording.stop());
  const ms = performance.now() - begin;
  const { frames } = await assertSound(path);
  assertLess(frames, ms / 1_000 * FPS + 5);
  assertGreater(frames, 8);
});
