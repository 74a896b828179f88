/** Files that are written: containers, codecs, sizes and safety. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { existsSync } from "node:fs";
import { readFile, stat, writeFile as writeBytes } from "node:fs/promises";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Frame, StreamError, type VideoCodec, VideoWriter } from "../../../mod.ts";
import { isRising, upTo } from "../../support/numbers.ts";
import { type Probe, probe } from "../../support/probe.ts";
import { sameBytes, Scene } from "../../support/scene.ts";
import { within } from "../../support/waiting.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import {
  framesOf,
  numberOf,
  publishFailure,
  scene,
  SMALL_RGB,
  writeAll,
  writeFile,
} from "../writing.ts";
import { put } from "./written_files.ts";

const COUNT = 45;
const FRAME = 1 / 30;

function assertWhole(file: Probe, codec: string, count = COUNT): void {
  const about = JSON.stringify({ ...file, pictures: file.pictures.length });
  assertEquals(
    [file.codec, file.width, file.height],
    [codec, SMALL_RGB.width, SMALL_RGB.height],
    about,
  );
  assertEquals([file.frames, file.pictures.length], [count, count], about);
  // Some containers count from the first decoding time, which B-frames put before the first picture.
  assertAlmostEquals(file.duration, count * FRAME, 3.5 * FRAME, about);
  assertAlmostEquals(file.fps, 30, 0.7, about);
  // Matroska has no decoding times: FFmpeg works them out, but for the first ones.
  const times = file.pictures.map(({ dts }) => dts).filter((dts) => !Number.isNaN(dts));
  assertGreater(times.length, count - 3, about);
  assert(isRising(times), times.join(" "));
  assert(file.pictures[0]!.key, "it begins with a keyframe");
}

const CONTAINERS: Record<string, { name: string; codecs: VideoCodec[] }> = {
  mp4: { name: "mov,mp4,m4a,3gp,3g2,mj2", codecs: ["h264", "hevc", "mpeg4", "mjpeg"] },
  mov: { name: "mov,mp4,m4a,3gp,3g2,mj2", codecs: ["h264", "hevc", "mpeg4", "mjpeg"] },
  mkv: { name: "matroska,webm", codecs: ["h264", "hevc", "mpeg4", "mjpeg"] },
  ts: { name: "mpegts", codecs: ["h264", "hevc", "mpeg4"] },
  avi: { name: "avi", codecs: ["h264", "mpeg4", "mjpeg"] },
  flv: { name: "flv", codecs: ["h264"] },
};

for (const [extension, { name, codecs }] of Object.entries(CONTAINERS)) {
  test(`a .${extension} file has every picture, in each codec it takes`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    await Promise.all(codecs.map(async (codec) => {
      const path = directory.file(`${codec}.${extension}`);
      const stats = await writeFile(path, COUNT, { codec });
      const { written, packets, queue, dropped, reconnects, bytes, libav } = stats;
      const about = `${codec} in .${extension}: ${JSON.stringify(stats)}`;
      assertEquals([written, packets, queue, reconnects], [COUNT, COUNT, 0, 0], about);
      assertEquals(dropped, { replaced: 0, refused: 0, lost: 0 }, about);
      const file = await probe(path);
      assertEquals(file.container, name);
      assertWhole(file, codec);
      if (codec === "hevc" && /^m(p4|ov)$/.test(extension)) assertEquals(file.tag, "hvc1");
      assertGreater(bytes, 1_000, about);
      assertLess(bytes, (await stat(path)).size, about);
      assertMatch(libav ?? "", /^\d+\.\d/);
      const numbers = (await framesOf(path, { format: "gray8" })).map(numberOf);
      assertEquals(numbers, upTo(COUNT), about);
    }));
  });
}

for (const codec of ["h264", "mpeg4", "mjpeg", "hevc"] as const) {
  test(`a film of one or two pictures of ${codec} is a film, too`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    for (const count of [1, 2]) {
      const path = directory.file(`${count}.mp4`);
      await writeFile(path, count, { codec });
      assertEquals((await probe(path)).frames, count);
    }
  });
}

test("the times of a file begin with its first picture", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const extension of ["mp4", "mkv", "avi"]) {
    const path = directory.file(`begin.${extension}`);
    await writeFile(path, 10);
    const [first] = await framesOf(path, { format: "gray8" });
    assertAlmostEquals(first!.pts ?? NaN, 0, 0.1, extension);
  }
});

test("a URL of the scheme file, and a container that the name does not tell", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("a film, with 100 % of #everything?.mp4");
  await writeFile(pathToFileURL(path).href, 10);
  assertWhole(await probe(`file:${path}`), "h264", 10);
  const bare = directory.file("recording");
  await writeFile(bare, 10, { container: "mpegts" });
  assertEquals((await probe(bare)).container, "mpegts");
});

test("a container that does not take the codec is an error that says so", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const unfit = [
    ["mpeg4", "flv", /mp4 \(\.mp4\), mov \(\.mov\), matroska \(\.mkv\), mpegts \(\.ts\) and avi/],
    [
      "mjpeg",
      "flv",
      /mp4 \(\.mp4\), mov \(\.mov\), matroska \(\.mkv\) and avi \(\.avi\); flv takes h264/,
    ],
    // libav would write these, and nobody could read them.
    ["mjpeg", "ts", /mpegts takes h264, hevc and mpeg4/],
    ["hevc", "avi", /avi takes h264, mpeg4 and mjpeg/],
  ] as const;
  for (const [codec, extension, ways] of unfit) {
    const path = directory.file(`${codec}.${extension}`);
    const error = await publishFailure(path, { codec });
    assertEquals([error.operation, error.retryable], ["open", false], error.message);
    assertEquals(error.code, "UNSUPPORTED_CODEC", error.message);
    assertMatch(error.message, new RegExp(`cannot carry ${codec}`));
    assertMatch(error.message, ways);
    assert(!existsSync(path), "no file was made");
  }
});

test("odd sizes are made even, and other sizes are scaled", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const codec of ["h264", "mpeg4", "mjpeg"] as const) {
    const path = directory.file(`${codec}.mkv`);
    const odd = new Scene(321, 181);
    {
      await using writer = new VideoWriter(path, { width: 321, height: 181, codec });
      for (const index of upTo(5)) assert(await put(writer, odd.picture(index)));
    }
    const { width, height, frames } = await probe(path);
    assertEquals([width, height, frames], [320, 180, 5], codec);
    assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(5), codec);
  }
});

function frameOf(picture: Scene, index: number, pts?: number): Frame {
  return new Frame(picture.picture(index), {
    width: picture.width,
    height: picture.height,
    format: "rgb24",
    index,
    connection: 1,
    pts,
    keyframe: false,
    arrivalTime: Date.now(),
  });
}

test("the size is the first frame's, and later ones are scaled to it", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  const sizes = [new Scene(480, 270), new Scene(320, 180), new Scene(961, 541)];
  {
    await using writer = new VideoWriter(path);
    for (const index of upTo(12)) {
      assert(await put(writer, frameOf(sizes[Math.floor(index / 2) % 3]!, index, index * FRAME)));
    }
  }
  const { width, height, frames } = await probe(path);
  assertEquals([width, height, frames], [480, 270, 12]);
  assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(12));
});

test("the options width and height stand above the size of the frames", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  {
    await using writer = new VideoWriter(path, { width: 640, height: 360 });
    for (const index of upTo(6)) assert(await put(writer, frameOf(scene, index, index * FRAME)));
  }
  const { width, height } = await probe(path);
  assertEquals([width, height], [640, 360]);
  assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(6));
});

test("a file that exists is left alone unless overwrite says otherwise", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  const film = "somebody's only film";
  await writeBytes(path, film);
  const error = await publishFailure(path);
  assertEquals([error.code, error.operation], ["WRITE_FAILED", "open"], error.message);
  assertMatch(error.message, /exists.*overwrite/);
  assertEquals(await readFile(path, "utf8"), film);
  await writeFile(path, 10, { overwrite: true });
  assertWhole(await probe(path), "h264", 10);
  const whole = new Uint8Array(await readFile(path));
  await publishFailure(path, { codec: "mpeg4" });
  assert(sameBytes(new Uint8Array(await readFile(path)), whole));
});

test("nothing is opened before the first picture", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  const writer = new VideoWriter(path, SMALL_RGB);
  assertEquals([writer.state, writer.isConnected, writer.stats().uptime], ["idle", false, 0]);
  await within("end", writer.close());
  assertEquals([writer.state, existsSync(path)], ["stopped", false]);
});

test("ready opens the file when the size is known, before any picture", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const options of [SMALL_RGB, { width: SMALL_RGB.width, height: SMALL_RGB.height }]) {
    const path = directory.file(`${Object.keys(options).length}.mp4`);
    await using writer = new VideoWriter(path, options);
    await within(`ready with ${Object.keys(options)}`, writer.ready, 5_000);
    assertEquals([writer.state, writer.isConnected], ["streaming", true]);
    assert(existsSync(path));
    await writeAll(writer, 3);
    await writer.close();
    assertWhole(await probe(path), "h264", 3);
  }
});

test("a file without a picture is closed without a word", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using writer = new VideoWriter(directory.file("film.mp4"), SMALL_RGB);
  await within("ready", writer.ready);
  await within("end", writer.close());
  assertEquals([writer.state, writer.lastError, writer.stats().written], ["stopped", undefined, 0]);
});

test("two writers of one file do not both get it", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using first = new VideoWriter(path, SMALL_RGB);
  await within("ready", first.ready);
  const error = await assertRejects(() => writeFile(path, 3), StreamError);
  assertEquals(error.code, "WRITE_FAILED");
  await writeAll(first, 10);
  await first.close();
  assertWhole(await probe(path), "h264", 10);
});
