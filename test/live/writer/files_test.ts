/** Files that are written: containers and codecs, sizes, what the encoder is told, and safety. */

import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { existsSync } from "node:fs";
import { readFile, stat, writeFile as writeBytes } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Frame, StreamError, type VideoCodec, VideoWriter } from "../../../mod.ts";
import { playable, type Probe, probe } from "../../support/probe.ts";
import { startScript } from "../../support/process.ts";
import { sameBytes, Scene } from "../../support/scene.ts";
import { isRising, SLOW, TemporaryDirectory, within } from "../reading.ts";
import {
  framesOf,
  noise,
  numberOf,
  publishFailure,
  scene,
  SMALL,
  writeAll,
  writeFile,
} from "../writing.ts";

const COUNT = 45;
const FRAME = 1 / 30;

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function assertWhole(file: Probe, codec: string, count = COUNT): void {
  const about = JSON.stringify({ ...file, pictures: file.pictures.length });
  assertEquals([file.codec, file.width, file.height], [codec, SMALL.width, SMALL.height], about);
  assertEquals([file.frames, file.pictures.length], [count, count], about);
  // Some containers count from the first decoding time, which B-frames put before the first picture.
  assertAlmostEquals(file.duration, count * FRAME, 3.5 * FRAME, about);
  assertAlmostEquals(file.fps, 30, 0.7, about);
  // Matroska has no decoding times: FFmpeg works them out, but for the first ones.
  const times = file.pictures.map(({ dts }) => dts).filter((dts) => !Number.isNaN(dts));
  assertGreater(times.length, count - 3, about);
  assert(isRising(times), times.join(" "));
  assert(file.pictures[0].key, "it begins with a keyframe");
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
    assertAlmostEquals(first.pts ?? NaN, 0, 0.1, extension);
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
  const path = directory.file("film.flv");
  const error = await publishFailure(path, { codec: "mpeg4" });
  assertEquals([error.operation, error.retryable], ["open", false]);
  assertArrayIncludes(["UNSUPPORTED_CODEC", "PROTOCOL_BLOCKED"], [error.code], error.message);
  assertMatch(error.message, /flv does not take mpeg4/);
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

/** Writes when there is a place. */
async function put(writer: VideoWriter, picture: Frame | Uint8Array): Promise<boolean> {
  await within("a place", writer.drain());
  return writer.write(picture);
}

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
      assert(await put(writer, frameOf(sizes[Math.floor(index / 2) % 3], index, index * FRAME)));
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

test("gop is the distance of the keyframes", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const codec of ["h264", "hevc", "mpeg4"] as const) {
    const path = directory.file(`${codec}.mkv`);
    await writeFile(path, 40, { codec, gop: 8 });
    const { pictures } = await probe(path);
    const shown = pictures.toSorted((a, b) => a.pts - b.pts);
    const keys = shown.flatMap(({ key }, i) => key ? [i] : []);
    assertEquals(keys, [0, 8, 16, 24, 32], codec);
  }
});

test("bitrate is what the stream takes", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const pictures = noise(8);
  const sizes: number[] = [];
  for (const bitrate of [300_000, 1_200_000]) {
    const path = directory.file(`${bitrate}.mp4`);
    {
      await using writer = new VideoWriter(path, { ...SMALL, bitrate, preset: "ultrafast" });
      for (const index of upTo(120)) assert(await put(writer, pictures[index % 8]));
    }
    const { pictures: stored, duration } = await probe(path);
    const bits = stored.reduce((sum, { size }) => sum + size * 8, 0) / duration;
    assertGreater(bits, bitrate * 0.6);
    assertLess(bits, bitrate * 1.6);
    sizes.push(bits);
  }
  assertGreater(sizes[1], sizes[0] * 2);
});

test("preset, tune and native options reach the encoder", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  // libx264 writes all its settings into the stream.
  const settings = async (name: string, options: Parameters<typeof writeFile>[2]) => {
    const path = directory.file(name);
    await writeFile(path, 3, options);
    const text = (await readFile(path)).toString("latin1");
    return /x264 - core.*?options: ([\x20-\x7e]+)/.exec(text)?.[1] ?? "";
  };
  assertStringIncludes(await settings("plain.mp4", {}), "subme=7");
  assertStringIncludes(await settings("fast.mp4", { preset: "ultrafast" }), "subme=0");
  assertStringIncludes(await settings("tune.mp4", { tune: "zerolatency" }), "bframes=0");
  const codec = { crf: 11, refs: "2" };
  const native = await settings("native.mp4", { ffmpeg: { codec } });
  assertStringIncludes(native, "crf=11.0");
  assertStringIncludes(native, "ref=2");
});

test("encoder names the encoder, and pixelFormat what it is given", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("rgb.mkv");
  const stats = await writeFile(path, 5, { encoder: "libx264rgb", pixelFormat: "rgb24" });
  assertEquals(stats.encoder, "libx264rgb");
  const full = directory.file("full.mkv");
  assertEquals((await writeFile(full, 5, { pixelFormat: "yuv444p" })).encoder, "libx264");
  assertEquals((await probe(full)).pixelFormat, "yuv444p");
  for (const file of [path, full]) {
    assertEquals((await framesOf(file, { format: "gray8" })).map(numberOf), upTo(5));
  }
});

/** What cannot be opened, and how that is said. */
const MISTAKES = [
  ["UNSUPPORTED_CODEC", { encoder: "no_such_encoder" }, /no_such_encoder/],
  ["OPTION_UNKNOWN", { ffmpeg: { codec: { no_such_option: 1 } } }, /no_such_option/],
  ["OPTION_UNKNOWN", { ffmpeg: { format: { no_such_option: 1 } } }, /no_such_option/],
  ["OPTION_UNKNOWN", { ffmpeg: { codec: { tuns: "film" } } }, /tuns; did you mean tune\?$/],
  ["OPTION_UNKNOWN", { ffmpeg: { format: { movflag: "x" } } }, /movflag; did you mean movflags\?$/],
  ["UNSUPPORTED_CODEC", { preset: "no_such_preset" }, /libx264/],
  ["UNSUPPORTED_CODEC", { pixelFormat: "no_such_format" }, /libx264|no_such_format/],
  ["UNSUPPORTED_CODEC", { pixelFormat: "pal8" }, /libx264/],
] as const;

test("what FFmpeg does not know is an error with its own code", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await Promise.all(MISTAKES.map(async ([code, options, message], i) => {
    const path = directory.file(`${i}.mp4`);
    const error = await publishFailure(path, options);
    assertEquals([error.code, error.operation], [code, "open"], error.message);
    assertMatch(error.message, message);
    assert(!error.retryable, error.message);
    assertStringIncludes(error.message, path);
  }));
});

test("a mistake leaves no file, which would be in the way once it is mended", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await Promise.all(MISTAKES.map(async ([, options], i) => {
    const path = directory.file(`${i}.mp4`);
    await publishFailure(path, options);
    assert(!existsSync(path), JSON.stringify(options));
  }));
});

test("native options of the container are obeyed", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await writeFile(path, 10, { ffmpeg: { format: { movflags: "+faststart" } } });
  const bytes = (await readFile(path)).toString("latin1");
  assertLess(bytes.indexOf("moov"), bytes.indexOf("mdat"));
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
  const writer = new VideoWriter(path, SMALL);
  assertEquals([writer.state, writer.isConnected, writer.stats().uptime], ["idle", false, 0]);
  await within("end", writer.close());
  assertEquals([writer.state, existsSync(path)], ["stopped", false]);
});

test("ready opens the file when the size is known, before any picture", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const options of [SMALL, { width: SMALL.width, height: SMALL.height }]) {
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
  await using writer = new VideoWriter(directory.file("film.mp4"), SMALL);
  await within("ready", writer.ready);
  await within("end", writer.close());
  assertEquals([writer.state, writer.lastError, writer.stats().written], ["stopped", undefined, 0]);
});

const KILLED = fileURLToPath(new URL("../fixtures/write_endless.ts", import.meta.url));

/** What is left of a file when the process that writes it is killed after so many pictures. */
async function cut(path: string, fragmented: boolean, count: number): Promise<void> {
  await using child = startScript(KILLED, [path, String(fragmented)]);
  await child.until("pictures", () => {
    const written = Number(child.stdout.trim().split("\n").at(-1));
    return written >= count || undefined;
  });
  await child.kill();
}

for (const extension of ["mp4", "mov"]) {
  test(`a fragmented .${extension} file outlives the process that writes it`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const [fragmented, whole] = ["fragmented", "whole"].map((n) =>
      directory.file(`${n}.${extension}`)
    );
    await Promise.all([cut(fragmented, true, 100), cut(whole, false, 100)]);
    const frames = await framesOf(fragmented, { format: "gray8" });
    // Of one keyframe distance, and of what the encoder held back.
    assertGreater(frames.length, 60);
    assertEquals(frames.map(numberOf), upTo(frames.length));
    assertGreater((await probe(fragmented)).frames, 60);
    assertEquals(await playable(whole), false);
  });
}

test("a fragmented file that is closed is whole", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await writeFile(path, COUNT, { fragmented: true, gop: 10 });
  assertWhole(await probe(path), "h264");
  assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(COUNT));
});

test("two writers of one file do not both get it", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using first = new VideoWriter(path, SMALL);
  await within("ready", first.ready);
  const error = await assertRejects(() => writeFile(path, 3), StreamError);
  assertEquals(error.code, "WRITE_FAILED");
  await writeAll(first, 10);
  await first.close();
  assertWhole(await probe(path), "h264", 10);
});
