/** What is written is what is seen: every layout of bytes, the colours of SD and HD. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { Frame, type VideoCodec, VideoWriter, type VideoWriterOptions } from "../../../mod.ts";
import { colourPatches, type Rgb } from "../../support/patterns.ts";
import { decode, probe } from "../../support/probe.ts";
import { colourPicture, inLayout, type Layout, psnr, Scene } from "../../support/scene.ts";
import { within } from "../../support/waiting.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import { FAITHFUL, framesOf, scene, SMALL_RGB } from "../writing.ts";

const LAYOUTS: readonly Layout[] = [
  "rgb24",
  "bgr24",
  "rgba",
  "bgra",
  "gray8",
  "yuv420p",
  "nv12",
  "rgb-planar-u8",
  "rgb-planar-f32",
];

/** Writes a few pictures, which may be of any size. */
async function film(
  path: string,
  pictures: readonly Uint8Array[],
  options: VideoWriterOptions,
): Promise<void> {
  await using writer = new VideoWriter(path, options);
  for (const picture of pictures) {
    await within("a place", writer.drain());
    assert(writer.write(picture));
  }
}

for (const format of LAYOUTS) {
  test(`pictures written as ${format} come back as they were`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.file("film.mp4");
    const { width, height } = SMALL_RGB;
    const written = [0, 1, 2, 3, 4, 5].map((index) =>
      inLayout(format, scene.picture(index), width, height)
    );
    await film(path, written, { width, height, format });
    const frames = await framesOf(path, { format });
    assertEquals(frames.length, written.length);
    frames.forEach((frame, i) => {
      assertGreater(psnr(frame.data, written[i]!, format), FAITHFUL, `picture ${i}`);
    });
    // And so for everybody else; swscale does not have the same rounding each time.
    const seen = await decode(path, "rgb24", width * height * 3);
    assertEquals(seen.length, written.length);
    const truth = inLayout("rgb24", scene.picture(5), width, height);
    const gray = inLayout("gray8", truth, width, height);
    const expected = format === "gray8" ? truth.map((_, i) => gray[Math.floor(i / 3)]!) : truth;
    assertGreater(psnr(seen[5]!, expected), FAITHFUL - 3);
  });
}

for (const format of ["yuv420p", "nv12", "rgb24", "gray8"] as const) {
  test(`odd sizes of ${format} lose an edge and nothing else`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.file("film.mp4");
    const odd = new Scene(323, 181);
    const picture = inLayout(format, odd.picture(5), 323, 181);
    await film(path, [picture, picture], { width: 323, height: 181, format });
    const [frame] = await framesOf(path, { format });
    assertEquals([frame!.width, frame!.height], [322, 180]);
    const ours = inLayout(format, new Scene(322, 180).picture(5), 322, 180);
    // It is scaled by a pixel, which moves the edges of the squares a little.
    assertGreater(psnr(frame!.data, ours, format), 22);
  });
}

test("the rows of every size end where they should", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  // Sizes that no vector instruction and no macroblock fits.
  const sizes = [[34, 20], [66, 50], [130, 74], [202, 102], [358, 38]];
  await Promise.all(sizes.map(async ([width, height]) => {
    const ground = new Uint8Array(width! * height! * 3);
    for (let i = 0; i < width! * height!; i++) {
      const [x, y] = [i % width!, Math.floor(i / width!)];
      ground.set([60 + 130 * x / width!, 120, 60 + 130 * y / height!], i * 3);
    }
    for (const format of ["rgb24", "bgra", "yuv420p", "rgb-planar-f32"] as const) {
      const path = directory.file(`${format}-${width}x${height}.mkv`);
      const picture = inLayout(format, ground, width!, height!);
      await film(path, [picture], { width, height, format, ffmpeg: { codec: { crf: 1 } } });
      const [seen] = await decode(path, "rgb24", ground.length);
      assertGreater(psnr(seen!, ground), FAITHFUL, path);
    }
  }));
});

function pixel(picture: Uint8Array, width: number, x: number, y: number): Rgb {
  const at = (y * width + x) * 3;
  return [picture[at]!, picture[at + 1]!, picture[at + 2]!];
}

function assertPatches(picture: Uint8Array, width: number, height: number, about: string): void {
  for (const { name, x, y, rgb } of colourPatches(width, height)) {
    const seen = pixel(picture, width, x, y);
    assert(
      seen.every((level, i) => Math.abs(level - rgb[i]!) <= 5),
      `${about}: ${name} is ${seen} in place of ${rgb}`,
    );
  }
}

const COLOURS: [VideoCodec, string][] = [
  ["h264", "mp4"],
  ["h264", "ts"],
  ["hevc", "mp4"],
  ["mpeg4", "mp4"],
  ["mpeg4", "avi"],
  ["mpeg4", "ts"],
  ["mjpeg", "mkv"],
];
const SIZES = [["PAL", 720, 576], ["HD", 1280, 720]] as const;

for (const [codec, container] of COLOURS) {
  test(`the colours of ${codec} in .${container} are right, in SD and in HD`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const preset = codec === "h264" || codec === "hevc" ? "ultrafast" : undefined;
    for (const [name, width, height] of SIZES) {
      const path = directory.file(`${name}.${container}`);
      const picture = colourPicture(width, height);
      const film4 = [picture, picture, picture, picture];
      await film(path, film4, { width, height, codec, preset, bitrate: 20_000_000 });
      const [theirs] = await decode(path, "rgb24", picture.length);
      assertPatches(theirs!, width, height, `${name}, seen by ffmpeg`);
      const [ours] = await framesOf(path);
      assertPatches(ours!.data, width, height, `${name}, seen by VideoStream`);
    }
  });
}

test("a stream says which colours it has", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const [height, expected] of [[576, "smpte170m"], [720, "bt709"]] as const) {
    const path = directory.file(`${height}.mp4`);
    await film(path, [colourPicture(640, height)], { width: 640, height });
    assertEquals((await probe(path)).colorSpace, expected);
  }
});

test(
  "the size of the encoded picture decides on its colours, not that of the frame",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    for (const [from, to] of [[1080, 360], [360, 1080]]) {
      const path = directory.file(`${to}.mp4`);
      const [width, height] = [to! * 16 / 9, to];
      const picture = colourPicture(from! * 16 / 9, from!);
      // Bytes have one size: that of the options. A Frame may have another.
      await using writer = new VideoWriter(path, { width, height, preset: "ultrafast" });
      writer.write(
        new Frame(picture, {
          width: from! * 16 / 9,
          height: from!,
          format: "rgb24",
          index: 0,
          connection: 1,
          pts: 0,
          keyframe: false,
          arrivalTime: 0,
        }),
      );
      await writer.close();
      const [seen] = await decode(path, "rgb24", width * height! * 3);
      assertPatches(seen!, width, height!, `${from} to ${to} lines`);
    }
  },
);

test("a pixelFormat of full range keeps its colours", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const { width, height } = SMALL_RGB;
  const written = [0, 1, 2].map((index) => scene.picture(index));
  for (const pixelFormat of ["yuvj420p", "yuvj444p"]) {
    const path = directory.file(`${pixelFormat}.mp4`);
    await film(path, written, { width, height, pixelFormat });
    const seen = await decode(path, "rgb24", width * height * 3);
    assertGreater(psnr(seen[2]!, written[2]!, "rgb24"), FAITHFUL - 3, pixelFormat);
  }
});

test("a pixelFormat that does not exist, or that no encoder takes, is named", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const { width, height } = SMALL_RGB;
  for (
    const [pixelFormat, code] of [["yuv420q", "OPTION_UNKNOWN"], ["rgb24", "UNSUPPORTED_CODEC"]]
  ) {
    const writer = new VideoWriter(directory.file("film.mp4"), { width, height, pixelFormat });
    writer.write(scene.picture(0));
    const error = await within("end", writer.close().then(() => undefined, (error) => error));
    assertEquals(error.code, code);
    assert(error.message.includes(`"${pixelFormat}"`), error.message);
  }
});
