/** Frames are turned by the display matrix, and have the shape that their pixels give them. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import {
  type Frame,
  type PixelFormat,
  VideoStream,
  type VideoStreamOptions,
} from "../../../mod.ts";
import { Child } from "../../support/child.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { anamorphic, rotated } from "../../support/odd_files.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { ffmpeg, firstFrame, SLOW, TemporaryDirectory } from "../reading.ts";

const ORIENTATIONS = ([0, 90, 180, 270] as const).flatMap((rotation) =>
  [false, true].map((mirrored) => ({ rotation, mirrored }))
);

/** The first picture as the ffmpeg command shows it. */
async function shown(file: string, format: string): Promise<Uint8Array> {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("picture");
  await ffmpeg("-i", file, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", format, path);
  return await readFile(path);
}

test("frames are turned as ffmpeg turns them", SLOW, async () => {
  for (const { rotation, mirrored } of ORIENTATIONS) {
    const file = await rotated(rotation, mirrored);
    for (const [format, name] of [["yuv420p", "yuv420p"], ["nv12", "nv12"]] as const) {
      const frame = await firstFrame(file, { format });
      const across = rotation === 90 || rotation === 270;
      const about = `${rotation} ${mirrored} ${format}`;
      const size = across ? [180, 320] : [320, 180];
      assertEquals([frame.width, frame.height], size, about);
      assertEquals([frame.rotation, frame.mirrored], [rotation, mirrored], about);
      assertEquals([frame.codedWidth, frame.codedHeight], [320, 180], about);
      assertEquals(frame.transform.source, { width: size[0]!, height: size[1]! }, about);
      // Of a mirrored picture old ffmpeg commands know only some cases.
      if (!mirrored) assert(same(frame.data, await shown(file, name)), about);
    }
  }
});

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** The sample of a packed or planar frame, as a number that tells it from others. */
function pixel({ data, width, height, format, channels }: Frame, x: number, y: number): string {
  const at = y * width + x;
  if (format === "rgb-planar-u8") return [0, 1, 2].map((i) => data[at + i * width * height]).join();
  if (format === "rgb-planar-f32") {
    const floats = new Float32Array(data.buffer, data.byteOffset, data.length / 4);
    return [0, 1, 2].map((i) => floats[at + i * width * height]).join();
  }
  return data.subarray(at * channels, (at + 1) * channels).join();
}

/** Where a pixel of the turned picture is in the one that lies. */
function lying(
  { width, height }: { width: number; height: number },
  { rotation, mirrored }: { rotation: number; mirrored: boolean },
  x: number,
  y: number,
): [number, number] {
  const u = mirrored ? width - 1 - x : x;
  if (rotation === 90) return [y, width - 1 - u];
  if (rotation === 180) return [width - 1 - u, height - 1 - y];
  if (rotation === 270) return [height - 1 - y, u];
  return [u, y];
}

const PACKED: readonly PixelFormat[] = [
  ...["rgb24", "bgr24", "rgba", "bgra", "gray8", "rgb-planar-u8", "rgb-planar-f32"] as const,
];

async function assertTurned(orientation: (typeof ORIENTATIONS)[number], format: PixelFormat) {
  const file = await rotated(orientation.rotation, orientation.mirrored);
  const [turned, flat] = await Promise.all([
    firstFrame(file, { format }),
    firstFrame(file, { format, autorotate: false }),
  ]);
  assertEquals([flat.width, flat.height], [320, 180]);
  assertEquals([flat.rotation, flat.mirrored], [orientation.rotation, orientation.mirrored]);
  for (let i = 0; i < 2_000; i++) {
    const [x, y] = [(i * 7919) % turned.width, (i * 104_729) % turned.height];
    const [u, v] = lying(turned, orientation, x, y);
    const about = `${format} ${JSON.stringify(orientation)} ${x},${y}`;
    assertEquals(pixel(turned, x, y), pixel(flat, u, v), about);
  }
}

test("each pixel of a turned frame is one of the frame that lies", SLOW, async () => {
  for (const orientation of ORIENTATIONS.slice(1)) await assertTurned(orientation, "rgb24");
});

test("frames of every format are turned", SLOW, async () => {
  for (const format of PACKED) {
    await assertTurned({ rotation: 90, mirrored: false }, format);
  }
});

test("a turned picture in a box lies where its transform says", SLOW, async () => {
  const file = await rotated(90);
  const options = { format: "gray8", width: 320, height: 320 } as const;
  const frame = await firstFrame(file, { ...options, fit: "contain" });
  const { source, scaleX, scaleY, offsetX, offsetY } = frame.transform;
  assertEquals(source, { width: 180, height: 320 });
  assertEquals([scaleX, scaleY, offsetX, offsetY], [1, 1, 70, 0]);
  // The bars are black, and the picture between them is the turned one.
  const whole = await firstFrame(file, { format: "gray8" });
  for (let y = 0; y < 320; y += 7) {
    assertEquals([frame.data[y * 320], frame.data[y * 320 + 319]], [0, 0]);
    for (let x = 0; x < 180; x += 11) {
      assertEquals(frame.data[y * 320 + x + 70], whole.data[y * 180 + x], `${x},${y}`);
    }
  }
  const cover = await firstFrame(file, { ...options, width: 180, height: 180, fit: "cover" });
  assertEquals(cover.transform.boxToSource({ x: 0, y: 0, width: 180, height: 180 }), {
    ...{ x: 0, y: 70, width: 180, height: 180 },
  });
  assertEquals(cover.data[0], whole.data[70 * 180]);
});

test("a snapshot is turned too", SLOW, async () => {
  await using stream = new VideoStream(await rotated(90));
  await stream.next();
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("snapshot.png");
  await writeFile(path, await stream.snapshot({ type: "image/png" }));
  assertEquals(await probe(path, "stream=width,height"), "180,320");
});

async function probe(path: string, entries: string): Promise<string> {
  const wanted = ["-select_streams", "v:0", "-show_entries", entries, "-of", "csv=p=0"];
  await using child = new Child("ffprobe", ["-v", "error", ...wanted, path]);
  await child.exited;
  return child.stdout.trim();
}

test("a recording keeps the display matrix and the shape of pixels", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const record = async (file: string, name: string) => {
    const path = directory.file(name);
    // The order may come after the only keyframe: the next turn has one.
    await using stream = new VideoStream(file, { loop: true });
    const recording = stream.record(path);
    let more = 30;
    for await (const _ of stream) if (recording.files.length > 0 && --more === 0) break;
    await recording.stop();
    return path;
  };
  const turned = await firstFrame(await record(await rotated(270), "turned.mp4"));
  assertEquals([turned.rotation, turned.width, turned.height], [270, 180, 320]);
  const wide = await firstFrame(await record(await anamorphic(), "wide.mp4"));
  assertEquals([wide.codedWidth, wide.width, wide.height], [320, 466, 180]);
});

test("pixels that are not square give frames their shape", SLOW, async () => {
  const file = await anamorphic();
  const look = (options: VideoStreamOptions = {}) => firstFrame(file, options);
  const whole = await look();
  assertEquals([whole.width, whole.height, whole.sampleAspectRatio], [466, 180, 1]);
  assertEquals([whole.codedWidth, whole.codedHeight], [320, 180]);
  const coded = await look({ squarePixels: false });
  assertEquals([coded.width, coded.height], [320, 180]);
  assertAlmostEquals(coded.sampleAspectRatio, 16 / 11);

  const boxed = await look({ width: 640, height: 640, fit: "contain", format: "gray8" });
  const { scaleX, scaleY, offsetY } = boxed.transform;
  // 320x180 with pixels of 16:11 is as 465x180.
  const height = Math.round(640 * 180 / (320 * 16 / 11) / 2) * 2;
  assertEquals([scaleX, scaleY * 180, offsetY], [2, height, (640 - height) / 2]);
  const rows = Array.from({ length: 640 }, (_, y) => boxed.data.subarray(y * 640, (y + 1) * 640));
  const drawn = rows.filter((row) => row.some((byte) => byte > 20)).length;
  assertAlmostEquals(drawn, height, 4);
});

test("a camera's pixels that are not square are told by its stream alone", SLOW, async () => {
  const extra = ["-vf", "setsar=16/11", "-x264-params", "keyint=25:scenecut=0"];
  await using camera = await startWrongCamera({ footage: await cameraH264({ extra }) });
  const frame = await firstFrame(camera.url, { width: 640, height: 640, fit: "contain" });
  const { source, scaleX, scaleY } = frame.transform;
  assertEquals(source, { width: 320, height: 180 });
  assertAlmostEquals(scaleX / scaleY, 16 / 11, 0.02);
  assertEquals(frame.sampleAspectRatio, 1);
});
