/** What the encoder and the container are told, and what FFmpeg does not know. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { VideoWriter } from "../../../mod.ts";
import { upTo } from "../../support/numbers.ts";
import { probe } from "../../support/probe.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import { framesOf, noise, numberOf, publishFailure, SMALL_RGB, writeFile } from "../writing.ts";
import { put } from "./written_files.ts";

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
      await using writer = new VideoWriter(path, { ...SMALL_RGB, bitrate, preset: "ultrafast" });
      for (const index of upTo(120)) assert(await put(writer, pictures[index % 8]!));
    }
    const { pictures: stored, duration } = await probe(path);
    const bits = stored.reduce((sum, { size }) => sum + size * 8, 0) / duration;
    assertGreater(bits, bitrate * 0.6);
    assertLess(bits, bitrate * 1.6);
    sizes.push(bits);
  }
  assertGreater(sizes[1], sizes[0]! * 2);
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
  ["OPTION_UNKNOWN", { preset: "fastest" }, /libx264 does not take the preset "fastest"/],
  ["OPTION_UNKNOWN", { tune: "quick" }, /libx264 does not take the tune "quick"/],
  ["OPTION_UNKNOWN", { pixelFormat: "no_such_format" }, /no_such_format/],
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
