/** `stream.pipeTo(writer, transform)`: from a reader to a writer, through the program. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Frame, StreamError, VideoStream, VideoWriter } from "../../../mod.ts";
import { isRising, upTo } from "../../support/numbers.ts";
import { countingVideo } from "../../support/patterns.ts";
import { startPublisher } from "../../support/publish.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { psnr } from "../../support/scene.ts";
import { rejection, until, within } from "../../support/waiting.ts";
import { assertBack, holdings, QUICK } from "../lifecycle.ts";
import { assertColour, GRAY, SLOW, TemporaryDirectory } from "../reading.ts";
import {
  assertAddsUp,
  ending,
  FAITHFUL,
  framesOf,
  numberOf,
  scene,
  SMALL_RGB,
  warmUpWriter,
  writeFile,
} from "../writing.ts";

test("file to file: every frame arrives, in order, and the writer is closed", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await warmUpWriter();
  const before = holdings();
  const source = await countingVideo(90, { ...SMALL_RGB, bframes: 2 });
  const path = directory.file("copy.mkv");
  {
    await using stream = new VideoStream(source);
    await using writer = new VideoWriter(path, { queue: { size: 2 } });
    await within("end of the pipe", stream.pipeTo(writer));
    assertEquals([stream.state, writer.state, writer.lastError], ["stopped", "stopped", undefined]);
    assertAddsUp(writer.stats(), 90);
    assertEquals(writer.stats().written, 90);
  }
  assertEquals((await framesOf(path, GRAY)).map(numberOf), upTo(90));
  await assertBack(before);
});

test("each layout passes through as it is", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const source = directory.file("source.mp4");
  await writeFile(source, 10);
  for (const format of ["yuv420p", "bgra", "rgb-planar-f32"] as const) {
    const path = directory.file(`${format}.mp4`);
    await using stream = new VideoStream(source, { format });
    await using writer = new VideoWriter(path);
    await within("end of the pipe", stream.pipeTo(writer));
    const frames = await framesOf(path);
    assertEquals(frames.map(numberOf), upTo(10), format);
    frames.forEach(({ data }, i) => assertGreater(psnr(data, scene.picture(i)), FAITHFUL - 3));
  }
});

const MARK = [250, 10, 10] as const;

/** Draws a red square into the middle. */
function draw(data: Uint8Array, width: number): void {
  for (let y = 70; y < 110; y++) {
    for (let x = 140; x < 180; x++) data.set(MARK, (y * width + x) * 3);
  }
}

test("what a transform draws, returns or leaves out is what is written", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const source = directory.file("source.mp4");
  await writeFile(source, 24);
  const path = directory.file("drawn.mp4");
  const seen: number[] = [];
  {
    await using stream = new VideoStream(source);
    await using writer = new VideoWriter(path, { ffmpeg: { codec: { crf: 10 } } });
    const piped = stream.pipeTo(writer, (frame) => {
      seen.push(frame.index);
      switch (frame.index % 6) {
        case 0: // Drawn into it, and nothing returned.
          draw(frame.data, frame.width);
          return undefined;
        case 1:
          return null;
        case 2: { // Bytes of its own.
          const bytes = frame.data.slice();
          draw(bytes, frame.width);
          return bytes;
        }
        case 3: { // A Frame of its own.
          const copy = frame.copy();
          draw(copy.data, copy.width);
          return copy;
        }
        case 4: // Later.
          return sleep(2).then(() => {
            draw(frame.data, frame.width);
            return frame;
          });
        default:
          return Promise.resolve(null);
      }
    });
    await within("end of the pipe", piped);
    assertEquals(writer.stats().written, 16);
  }
  assertEquals(seen, upTo(24));
  const frames = await framesOf(path);
  assertEquals(
    frames.map(numberOf),
    upTo(24).filter((index) => index % 6 !== 1 && index % 6 !== 5),
  );
  for (const frame of frames) {
    assertColour(frame, { x: 160, y: 90 }, MARK, 40);
  }
});

test(
  "bytes and frames keep the film's times, with the gaps of what is left out",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const source = await countingVideo(30, SMALL_RGB);
    for (const kind of ["frames", "bytes"]) {
      const path = directory.file(`${kind}.mp4`);
      await using stream = new VideoStream(source);
      await using writer = new VideoWriter(path);
      const transform = (frame: Frame) => {
        if (frame.index % 3 === 1) return null;
        return kind === "bytes" ? frame.data.slice() : frame.copy();
      };
      await within("end of the pipe", stream.pipeTo(writer, transform));
      const times = (await framesOf(path, GRAY)).map(({ pts }) => Math.round((pts ?? NaN) * 30));
      assertEquals(times, upTo(30).filter((index) => index % 3 !== 1), kind);
    }
  },
);

test(
  "a transform that throws ends the pipe with its error, and closes the writer",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const source = await countingVideo(60, SMALL_RGB);
    await warmUpWriter();
    const before = holdings();
    const failure = new Error("of the program");
    for (const later of [false, true]) {
      const path = directory.file(`${later}.mp4`);
      await using stream = new VideoStream(source);
      await using writer = new VideoWriter(path);
      const piped = stream.pipeTo(writer, ({ index }) => {
        if (index < 10) return;
        if (later) return Promise.reject(failure);
        throw failure;
      });
      assertStrictEquals(await within("end of the pipe", rejection(piped)), failure);
      assertEquals(writer.state, "stopped");
      // What was written before is a film.
      assertEquals((await framesOf(path, GRAY)).map(numberOf), upTo(10));
    }
    await assertBack(before);
  },
);

test("a reader that fails ends the pipe with its error, and closes the writer", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using stream = new VideoStream(directory.file("missing.mp4"));
  await using writer = new VideoWriter(directory.file("film.mp4"));
  const error = await within("end of the pipe", rejection(stream.pipeTo(writer)));
  assertInstanceOf(error, StreamError);
  assertEquals([error.code, error.operation], ["NOT_FOUND", "open"]);
  assertStrictEquals(error, stream.lastError);
  assertEquals(writer.state, "stopped");
});

test("a writer that fails ends the pipe with its error, and the reader goes on", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const source = await countingVideo(60, SMALL_RGB);
  await using stream = new VideoStream(source, { loop: true });
  const writer = new VideoWriter(directory.file("missing/film.mp4"));
  await using _end = ending(writer);
  const error = await within("end of the pipe", rejection(stream.pipeTo(writer)));
  assertInstanceOf(error, StreamError);
  assertStrictEquals(error, writer.lastError);
  assertEquals([writer.state, stream.state], ["failed", "streaming"]);
  await within("a frame", stream.next());
});

test("an abort signal ends the pipe without an error, and closes the writer", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  const source = await countingVideo(60, SMALL_RGB);
  const controller = new AbortController();
  await using stream = new VideoStream(source, { loop: true });
  await using writer = new VideoWriter(path);
  const piped = stream.pipeTo(writer, undefined, { signal: controller.signal });
  await until("pictures", () => writer.stats().written > 70);
  controller.abort();
  await within("end of the pipe", piped);
  assertEquals([writer.state, stream.state], ["stopped", "streaming"]);
  const numbers = (await framesOf(path, GRAY)).map(numberOf);
  assertGreater(numbers.length, 70);
  assertEquals(numbers, numbers.map((_, i) => i % 60));
});

test("preventClose: one film after the other into the same writer", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  const source = await countingVideo(20, SMALL_RGB);
  await using writer = new VideoWriter(path);
  for (let round = 0; round < 3; round++) {
    await using stream = new VideoStream(source);
    await within("end of the pipe", stream.pipeTo(writer, undefined, { preventClose: true }));
    assertEquals(writer.state, "streaming");
  }
  await within("end", writer.close());
  const frames = await framesOf(path, GRAY);
  assertEquals(frames.map(numberOf), upTo(60).map((i) => i % 20));
  const times = frames.map(({ pts }) => pts ?? NaN);
  assert(isRising(times), times.join(" "));
  assertLess(times[59]! - times[0]!, 2.2);
});

test("one stream into two writers", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const source = await countingVideo(40, SMALL_RGB);
  await using stream = new VideoStream(source);
  const paths = ["one.mp4", "two.mkv"].map((name) => directory.file(name));
  await using one = new VideoWriter(paths[0]!);
  await using two = new VideoWriter(paths[1]!, { codec: "mpeg4", width: 160, height: 90 });
  await within("ends of the pipes", Promise.all([stream.pipeTo(one), stream.pipeTo(two)]));
  for (const path of paths) assertEquals((await framesOf(path, GRAY)).map(numberOf), upTo(40));
});

test(
  "a live stream into a file, until it is stopped, with the stream's own times",
  SLOW,
  async () => {
    await using server = await startRtmpServer();
    const file = await countingVideo(90, { ...SMALL_RGB, keyInterval: 5 });
    await using _publisher = await startPublisher(server.url("live"), { file });
    await using directory = await TemporaryDirectory.make();
    const path = directory.file("film.mp4");
    await using stream = new VideoStream(server.url("live"), QUICK);
    await using writer = new VideoWriter(path, { preset: "ultrafast" });
    const piped = stream.pipeTo(writer);
    await until("a second of pictures", () => writer.stats().written >= 35, 15_000);
    await stream.stop();
    await within("end of the pipe", piped);
    assertEquals(writer.state, "stopped");
    const frames = await framesOf(path, GRAY);
    assertGreaterOrEqual(frames.length, 35);
    const numbers = frames.map((frame) => numberOf(frame) ?? NaN);
    const times = frames.map(({ pts }) => pts ?? NaN);
    assert(isRising(times), times.join(" "));
    // A picture that was skipped leaves its gap.
    numbers.forEach((number, i) => {
      const expected = ((number - numbers[0]! + 90) % 90) / 30;
      const seen = (times[i]! - times[0]!) % 3;
      const apart = Math.min(Math.abs(seen - expected), 3 - Math.abs(seen - expected));
      assertLess(apart, 0.02, `picture ${number} at ${times[i]}`);
    });
  },
);
