/** Recordings in several files: segments, and a camera that comes back. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoStream } from "../../../mod.ts";
import { cameraH264, cameraHevc } from "../../support/elementary.ts";
import { resolutionChange } from "../../support/media.ts";
import { probe } from "../../support/probe.ts";
import { until, within } from "../../support/waiting.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import {
  assertSound,
  assertUnbroken,
  assertUnbrokenToTheEnd,
  begun,
  countingCamera,
  each,
  FPS,
  GOP,
  numbersOf,
  running,
} from "./recordings.ts";

test("segments follow on each other at keyframes, in files with other names", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera();
  await using stream = await running(camera.url);
  // All segments of a day want the same name.
  const templates = [
    { template: "cam-%Y%m%d-%H%M%S.mp4", name: /cam-\d{8}-\d{6}(-\d+)?\.mp4$/ },
    { template: "day-%Y%m%d.mkv", name: /day-\d{8}(-\d+)?\.mkv$/ },
  ];
  await each(templates, async ({ template, name }) => {
    const recording = stream.record(directory.file(template), { segment: 1_000 });
    await begun(recording, 3);
    await sleep(300);
    await within("end of the recording", recording.stop());
    const { files } = recording;
    assertEquals(files.length, 3);
    for (const file of files) assertMatch(file, name);
    if (template.startsWith("day")) assertMatch(files[2]!, /day-\d{8}-2\.mkv$/);
    const present = (await readdir(directory.path)).filter((one) => one[0] === template[0]);
    assertEquals(present.sort(), files.map((file) => basename(file)).sort());
    const numbers: number[] = [];
    for (const [index, file] of files.entries()) {
      const { frames, pictures } = await assertSound(file);
      assertAlmostEquals(pictures[0]!.pts, 0, 0.1);
      // Cut at the first keyframe after a second.
      if (index < files.length - 1) assertAlmostEquals(frames, FPS + GOP / 2, GOP / 2 + 5);
      numbers.push(...await numbersOf(file));
    }
    assertUnbroken(numbers, "all files together");
  });
});

test("a keyframe a second and segments of two seconds: two seconds each", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await startWrongCamera({ footage: await cameraH264() });
  await using stream = await running(camera.url);
  const recording = stream.record(directory.file("cam-%H%M%S.mp4"), { segment: 2_000 });
  await begun(recording, 4);
  await within("end of the recording", recording.stop());
  // However late packets came on a busy machine.
  for (const file of recording.files.slice(0, 3)) {
    const { frames, duration } = await probe(file);
    assertEquals(frames, 50, file);
    assertAlmostEquals(duration, 2, 0.05, file);
  }
});

test("another size or other parameter sets in mid-stream begin another file", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const sizes = await resolutionChange("h264");
  const [cabac, cavlc] = await Promise.all([1, 0].map(async (cabac) => {
    const extra = ["-x264-params", `keyint=25:scenecut=0:bframes=0:cabac=${cabac}`];
    return await readFile(await cameraH264({ name: `cabac-${cabac}`, frames: 50, extra }));
  }));
  const sets = Buffer.concat([cabac!, cavlc!]);
  const changes = [
    { name: "size", footage: sizes, frames: 30, sizes: ["640x360", "320x240"] },
    { name: "sets", footage: sets, frames: 50, sizes: ["320x180", "320x180"] },
  ] as const;
  await each(changes, async ({ name, footage, frames, sizes }) => {
    const source = { footage, codec: "h264", end: "close" } as const;
    await using camera = await startWrongCamera(source);
    await using stream = new VideoStream(camera.url, { reconnect: { maxAttempts: 0 } });
    const recordings = ["mp4", "mkv"].map((kind) =>
      stream.record(directory.file(`${name}.${kind}`))
    );
    stream.start();
    await within("end", Promise.all(recordings.map(({ finished }) => finished)), 30_000);
    for (const { files } of recordings) {
      const found = await Promise.all(files.map((file) => probe(file)));
      assertEquals(found.map(({ width, height }) => `${width}x${height}`), [...sizes], `${files}`);
      assertMatch(found[0]!.header, /^MD5:/);
      assertNotEquals(found[0]!.header, found[1]!.header, `${files}`);
      assertEquals(found.map((file) => file.frames), [frames, frames], `${files}`);
      assertMatch(files[1]!, new RegExp(`${name}-1\\.`));
    }
  });
});

test("another size in a file of HEVC begins another file", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const sizes = [{}, { width: 160, height: 90 }];
  const parts = await Promise.all(sizes.map(async (size) => {
    return await readFile(await cameraHevc({ name: "size", frames: 25, ...size }));
  }));
  const file = directory.file("sizes.hevc");
  await writeFile(file, Buffer.concat(parts));
  await using stream = new VideoStream(file);
  const recording = stream.record(directory.file("sizes.mp4"));
  for await (const _ of stream);
  await within("end", recording.finished);
  const found = await Promise.all(recording.files.map((path) => probe(path)));
  const seen = found.map(({ width, height, frames }) => [width, height, frames]);
  assertEquals(seen, [[320, 180, 25], [160, 90, 25]]);
});

test("B-frames are not lost where one segment ends and the next begins", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await countingCamera({ bframes: 2 });
  await using stream = await running(camera.url);
  const recording = stream.record(directory.file("cam-%H%M%S.mkv"), { segment: 500 });
  await begun(recording, 3);
  await within("end of the recording", recording.stop());
  const numbers: number[] = [];
  for (const file of recording.files) numbers.push(...await numbersOf(file));
  assertUnbrokenToTheEnd(numbers, "all files together");
});

test("a camera that comes back is recorded into another file", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using first = await countingCamera();
  await using stream = await running(first.url, { reconnect: { delay: 100 } });
  const path = directory.file("film.mp4");
  const recording = stream.record(path);
  await begun(recording);
  await sleep(1_000);
  await first.kill();
  await until("loss", () => !stream.isConnected);
  // It is whole as soon as the connection is gone.
  await until("reconnection", () => stream.reconnectCount > 0);
  await assertSound(path);
  assert(recording.active);
  await using second = await countingCamera({ port: first.port });
  await begun(recording, 2);
  await sleep(1_000);
  assert(recording.active);
  await within("end of the recording", recording.stop());
  assertEquals(recording.files, [path, directory.file("film-1.mp4")]);
  for (const file of recording.files) {
    const { frames } = await assertSound(file);
    assertGreater(frames, FPS / 2);
    assertUnbroken(await numbersOf(file), file);
  }
  assertEquals(second.count("PLAY"), 1);
});
