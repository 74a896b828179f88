/** Pictures as JPEG and PNG files. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Frame,
  type ImageType,
  type SnapshotOptions,
  StreamError,
  VideoStream,
} from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { makeVideo } from "../../support/media.ts";
import { colourBars, type ColourOptions, colourPatches } from "../../support/patterns.ts";
import { within } from "../../support/waiting.ts";
import {
  assertColour,
  ffmpeg,
  look,
  SLOW,
  SMALL,
  streamError,
  TemporaryDirectory,
} from "../reading.ts";

/** Size and kind of an image file, as its first bytes tell. */
function header(data: Uint8Array): { type: ImageType; width: number; height: number } {
  const bytes = Buffer.from(data);
  if (bytes.subarray(0, 8).equals(Buffer.from("\x89PNG\r\n\x1a\n", "latin1"))) {
    assertEquals(bytes.toString("latin1", 12, 16), "IHDR");
    return { type: "image/png", width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  assertEquals([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  assertEquals([...bytes.subarray(-2)], [0xff, 0xd9]);
  let at = 2;
  // Segments until the baseline frame header.
  while (bytes[at + 1] !== 0xc0) at += 2 + bytes.readUInt16BE(at + 2);
  const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
  return { type: "image/jpeg", width, height };
}

/** What another program makes of an image file. */
async function decoded(data: Uint8Array): Promise<Frame> {
  const { type, width, height } = header(data);
  await using directory = await TemporaryDirectory.make();
  const image = directory.file(type === "image/png" ? "image.png" : "image.jpg");
  const raw = directory.file("image.rgb");
  await writeFile(image, data);
  await ffmpeg("-i", image, "-f", "rawvideo", "-pix_fmt", "rgb24", raw);
  const pixels = new Uint8Array(await readFile(raw));
  assertEquals(pixels.length, width * height * 3);
  return new Frame(pixels, {
    ...{ width, height, format: "rgb24", index: 0, connection: 1 },
    ...{ pts: 0, keyframe: true, arrivalTime: 0 },
  });
}

const TYPES: SnapshotOptions[] = [
  { type: "image/jpeg" },
  { type: "image/jpeg", quality: 100 },
  { type: "image/png" },
];

const FILES: ColourOptions[] = [
  { matrix: "bt601", range: "tv" },
  { matrix: "bt601", range: "pc" },
  { matrix: "bt709", range: "tv" },
];
for (const type of ["image/jpeg", "image/png"] as const) {
  for (const recipe of FILES) {
    const what = Object.values(recipe).join(" ");
    test(`the colours of ${type} snapshots of a file with ${what}`, SLOW, async () => {
      const file = await colourBars(SMALL.width, SMALL.height, { frames: 30, ...recipe });
      await using stream = new VideoStream(file, { loop: true, pace: true }).start();
      const image = await within("snapshot", stream.snapshot({ type, quality: 95 }));
      assertEquals(header(image), { type, ...SMALL });
      const picture = await decoded(image);
      for (const patch of colourPatches(SMALL.width, SMALL.height)) {
        assertColour(picture, patch, patch.rgb, 6);
      }
    });
  }
}

test("snapshots of a live camera", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 15 });
  await using stream = new VideoStream(camera.url).start();
  // The first is asked for before there is a frame.
  for (const options of TYPES) {
    const image = await within("snapshot", stream.snapshot(options));
    assertEquals(header(image), { type: options.type, ...SMALL });
  }
  assertEquals([stream.state, stream.reconnectCount], ["streaming", 0]);
});

test("several snapshots at once are all made, each of its kind", SLOW, async () => {
  const file = await makeVideo({ ...SMALL, frames: 30 });
  await using stream = new VideoStream(file, { loop: true, pace: true }).start();
  const wanted = [...TYPES, ...TYPES, { type: "image/jpeg", quality: 5 } as const];
  const images = await within(
    "snapshots",
    Promise.all(wanted.map((options) => stream.snapshot(options))),
    4_000,
  );
  assertEquals(images.map((image) => header(image).type), wanted.map(({ type }) => type));
  assertGreater(images[1]!.length, images[6]!.length * 2);
});

for (const type of ["image/jpeg", "image/png"] as const) {
  test(`a snapshot has the size and shape of the delivered frames (${type})`, SLOW, async () => {
    const file = await colourBars(SMALL.width, SMALL.height, { frames: 30 });
    await using stream = new VideoStream(file, {
      ...{ loop: true, pace: true, width: 200, height: 200, fit: "contain", format: "gray8" },
    });
    await within("frame", stream.next());
    const image = await within("snapshot", stream.snapshot({ type, quality: 95 }));
    assertEquals(header(image), { type, width: 200, height: 200 });
    const picture = await decoded(image);
    assertColour(picture, { name: "green", x: 75, y: 75 }, [0, 255, 0], 6);
    assertColour(picture, { name: "bar", x: 100, y: 10 }, [0, 0, 0], 3);
    assertColour(picture, { name: "bar", x: 100, y: 190 }, [0, 0, 0], 3);
  });
}

test("an odd size is no hindrance to a snapshot", SLOW, async () => {
  const file = await colourBars(321, 241, { frames: 10, pixelFormat: "yuv444p" });
  await using stream = new VideoStream(file, { loop: true, pace: true }).start();
  for (const options of TYPES) {
    const image = await within("snapshot", stream.snapshot(options));
    assertEquals(header(image), { type: options.type, width: 321, height: 241 });
  }
});

test("quality makes a JPEG larger", SLOW, async () => {
  const file = await makeVideo({ ...SMALL, frames: 30 });
  await using stream = new VideoStream(file, { loop: true, pace: true }).start();
  const sizes: number[] = [];
  for (const quality of [10, 50, 95]) {
    const options = { type: "image/jpeg", quality } as const;
    sizes.push((await within("snapshot", stream.snapshot(options))).length);
  }
  assertGreater(sizes[1], sizes[0]! * 1.2);
  assertGreater(sizes[2], sizes[1]! * 1.2);
});

test("options of a snapshot that cannot be right are refused", SLOW, async () => {
  const file = await makeVideo({ ...SMALL, frames: 30 });
  await using stream = new VideoStream(file, { loop: true, pace: true }).start();
  await within("ready", stream.ready);
  const bad: SnapshotOptions[] = [
    { type: "image/gif" as ImageType },
    { type: "image/jpeg", quality: 0 },
    { type: "image/jpeg", quality: 101 },
  ];
  for (const options of bad) {
    const thrown = await within(
      "refusal",
      stream.snapshot(options).then(() => null, (error: unknown) => error),
    );
    assert(thrown instanceof RangeError, `${JSON.stringify(options)}: ${String(thrown)}`);
  }
});

test("there is no snapshot before start() nor after stop()", SLOW, async () => {
  const file = await makeVideo({ ...SMALL, frames: 30 });
  const stream = new VideoStream(file, { loop: true, pace: true });
  assertEquals((await streamError("snapshot", stream.snapshot())).code, "CLOSED");
  stream.start();
  await within("snapshot", stream.snapshot());
  const pending = stream.snapshot().then(() => "image", (error: unknown) => error);
  await within("stop", stream.stop());
  const outcome = await within("pending snapshot", pending);
  assert(outcome === "image" || "code" in Object(outcome) && Object(outcome).code === "CLOSED");
  const error = await streamError("snapshot", stream.snapshot());
  assertEquals(error.code, "CLOSED", error.message);
});

test("a snapshot of a stream that fails is that failure", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using stream = new VideoStream(directory.file("missing.mp4")).start();
  assertEquals((await streamError("snapshot", stream.snapshot())).code, "NOT_FOUND");
});

test("a snapshot that a thread cannot answer any more is rejected", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const [film, pipe] = [directory.file("film.ts"), directory.file("pipe.ts")];
  await ffmpeg("-i", await makeVideo({ ...SMALL, frames: 30 }), "-c", "copy", film);
  assertEquals((await new Child("mkfifo", [pipe]).exited).code, 0);
  const endless = ["-re", "-stream_loop", "-1", "-i", film, "-c", "copy", "-f", "mpegts"];
  await using feeder = new Child("ffmpeg", ["-v", "error", "-y", ...endless, pipe]);
  const options = { container: "mpegts", readTimeout: 500, closeTimeout: 300 };
  await using stream = new VideoStream(pipe, options);
  // A loop, so that the thread waits for the pipe and not for somebody who takes frames.
  const looking = look(stream, Infinity).catch((error: unknown) => error);
  await within("ready", stream.ready);
  await sleep(300);
  // A read from a pipe sees no stop: the thread is left behind.
  process.kill(feeder.pid, "SIGSTOP");
  await sleep(200);
  const error = await streamError("snapshot", stream.snapshot());
  assertEquals(error.code, "READ_TIMEOUT", error.message);
  assert(await within("loop", looking) instanceof StreamError);
  assertEquals(stream.state, "failed");
  const late = await streamError("late snapshot", stream.snapshot());
  assertEquals(late.code, "CLOSED", late.message);
});
