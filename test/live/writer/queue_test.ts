/** The frames between the program and the encoder: what waits, what is dropped, what is counted. */

import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Frame, StreamError, VideoStream, VideoWriter } from "../../../mod.ts";
import { startRecordServer } from "../../support/gst_record_server.ts";
import { isRising, upTo } from "../../support/numbers.ts";
import { readCounter } from "../../support/patterns.ts";
import { probe } from "../../support/probe.ts";
import { rejection, until, within } from "../../support/waiting.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { codeOf, SLOW, TemporaryDirectory } from "../reading.ts";
import {
  assertAddsUp,
  ending,
  framesOf,
  numberOf,
  scene,
  SMALL_RGB,
  writeAll,
} from "../writing.ts";

test("drop-oldest keeps the newest, in order, and counts the others", SLOW, async () => {
  // Nothing is taken from the queue before the server has been found.
  await using server = await startRecordServer();
  server.pause();
  await using writer = new VideoWriter(server.url, {
    ...SMALL_RGB,
    gop: 1,
    openTimeout: 15_000,
    queue: { size: 6 },
  });
  assertEquals(writer.queuePolicy, "drop-oldest");
  for (const index of upTo(40)) assert(writer.write(scene.picture(index)));
  const { queue, dropped, written } = writer.stats();
  assertEquals([queue, written], [6, 0]);
  assertEquals(dropped, { replaced: 34, refused: 0, lost: 0 });
  server.resume();
  await within("flush", writer.flush());
  assertAddsUp(writer.stats(), 40);
  assertEquals([writer.stats().written, writer.stats().dropped.replaced], [6, 34]);
  // The last ones of a record may be on their way still.
  await until("recorded pictures", () => server.times.length >= 3);
  const numbers = (await server.pictures()).map(({ rgb }) => {
    return readCounter(rgb, SMALL_RGB.width, SMALL_RGB.height, 3) ?? NaN;
  });
  assert(isRising(numbers), numbers.join(" "));
  assertGreaterOrEqual(numbers[0], 34);
});

test(
  "block: write() refuses when the queue is full, and drain() waits for a place",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.file("film.mp4");
    await using writer = new VideoWriter(path, { ...SMALL_RGB, queue: { size: 2 } });
    assertEquals(writer.queuePolicy, "block");
    // At once: there is a place.
    await within("drain", writer.drain());
    const taken: number[] = [];
    let offered = 0;
    while (taken.length < 30) {
      const number = taken.length;
      offered++;
      if (writer.write(scene.picture(number))) taken.push(number);
      else {
        // Every refusal is counted; the thread may have taken one since.
        const { dropped, queue } = writer.stats();
        assertEquals(dropped.refused, offered - taken.length);
        assertLessOrEqual(queue, 2);
        await within("drain", writer.drain());
      }
    }
    assertGreater(writer.stats().dropped.refused, 0);
    await within("flush", writer.flush());
    const stats = writer.stats();
    assertEquals(stats.written, 30);
    assertAddsUp(stats, offered);
    await within("end", writer.close());
    assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(30));
  },
);

test("block: of many who wait for a place, each gets one, in order", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, { ...SMALL_RGB, queue: { size: 4 } });
  const write = async (number: number) => {
    await writer.drain();
    return writer.write(scene.picture(number));
  };
  const taken = await within("all places", Promise.all(upTo(60).map(write)), 20_000);
  assertEquals(taken.filter((one) => !one).length, 0);
  await within("end", writer.close());
  assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(60));
});

test(
  "drop-oldest on a file: it never waits, and the film has no hole in its order",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.file("film.mp4");
    await using writer = new VideoWriter(path, {
      ...SMALL_RGB,
      queue: { size: 3, policy: "drop-oldest" },
    });
    await within("ready", writer.ready);
    for (const index of upTo(200)) assert(writer.write(scene.picture(index)));
    await within("end", writer.close());
    const stats = writer.stats();
    assertAddsUp(stats, 200);
    assertGreater(stats.dropped.replaced, 0);
    const numbers = (await framesOf(path, { format: "gray8" })).map(numberOf);
    assertEquals(numbers.length, stats.written);
    assert(isRising(numbers.map((number) => number ?? NaN)), numbers.join(" "));
    assertEquals(numbers.at(-1), 199);
  },
);

test("pictures go out in the order they were written in, however fast that is", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  // A thread that has just begun is slow: the oldest picture may be replaced while it takes it.
  for (const round of upTo(6)) {
    const path = directory.file(`${round}.avi`);
    await using writer = new VideoWriter(path, {
      ...SMALL_RGB,
      codec: "mjpeg",
      timestamps: "constant",
      queue: { size: 2 + round % 3, policy: "drop-oldest" },
    });
    const begin = performance.now();
    for (let index = 0; performance.now() < begin + 200; index++) {
      writer.write(scene.picture(index));
    }
    await within("end", writer.close());
    const frames = await framesOf(path, { format: "gray8" });
    const numbers = frames.map((frame) => numberOf(frame) ?? NaN);
    assert(isRising(numbers), `round ${round}: ${numbers.join(" ")}`);
  }
});

test("what is written is copied: the program may draw on in the same memory", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, { ...SMALL_RGB, queue: { size: 64 } });
  const bytes = new Uint8Array(scene.picture(0).length);
  for (const index of upTo(60)) {
    bytes.set(scene.picture(index));
    assert(writer.write(bytes));
    bytes.fill(128);
  }
  await within("end", writer.close());
  assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(60));
});

test("a part of a larger memory is a picture, too", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, SMALL_RGB);
  const length = scene.picture(0).length;
  const memory = new Uint8Array(new SharedArrayBuffer(length * 3 + 7));
  for (const index of upTo(3)) memory.set(scene.picture(index), 7 + index * length);
  for (const index of upTo(3)) {
    assert(writer.write(memory.subarray(7 + index * length, 7 + (index + 1) * length)));
  }
  await within("end", writer.close());
  assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(3));
});

test("flush() waits until all is encoded, by several at once", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using writer = new VideoWriter(directory.file("film.mp4"), {
    ...SMALL_RGB,
    queue: { size: 32 },
  });
  // Nothing to wait for.
  await within("flush", writer.flush());
  for (const round of [1, 2, 3]) {
    for (const index of upTo(20)) assert(writer.write(scene.picture(index)));
    await within("flush", Promise.all([writer.flush(), writer.flush(), writer.drain()]));
    const { written, queue } = writer.stats();
    assertEquals([written, queue], [round * 20, 0]);
  }
});

test("close() waits for what is in the queue", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, { ...SMALL_RGB, queue: { size: 64 } });
  for (const index of upTo(64)) assert(writer.write(scene.picture(index)));
  assertEquals(writer.write(scene.picture(64)), false);
  await within("end", writer.close());
  const stats = writer.stats();
  assertEquals([stats.written, stats.queue, stats.dropped.refused], [64, 0, 1]);
  assertAddsUp(stats, 65);
  assertEquals((await probe(path)).frames, 64);
});

test("the numbers add up at every moment, also over lost connections", SLOW, async () => {
  await using silent = await startWrongCamera(SILENT);
  const writer = new VideoWriter(silent.url, {
    ...SMALL_RGB,
    openTimeout: 200,
    reconnect: { delay: 20 },
    queue: { size: 3 },
  });
  await using _end = ending(writer);
  let offered = 0;
  for (const index of upTo(60)) {
    writer.write(scene.picture(index));
    offered++;
    const stats = writer.stats();
    assertAddsUp(stats, offered);
    assertLessOrEqual(stats.queue, 3);
    await sleep(15);
  }
  assertGreater(writer.reconnectCount, 0);
  const error = await within("end", rejection(writer.close()));
  assertEquals(codeOf(error), "OPEN_TIMEOUT");
  // What was still in the queue is lost.
  const stats = writer.stats();
  assertAddsUp(stats, offered);
  assertEquals(stats.written, 0);
});

test("frames of all sizes share a queue", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, { width: 160, height: 90 });
  for (const index of upTo(24)) {
    const [width, height] = [[64, 36], [640, 360], [320, 180], [1280, 720]][index % 4] as [
      number,
      number,
    ];
    const data = new Uint8Array(width * height * 3).fill(index * 10);
    await within("a place", writer.drain());
    assert(writer.write(
      new Frame(data, {
        width,
        height,
        format: "rgb24",
        index,
        connection: 1,
        pts: index / 30,
        keyframe: false,
        arrivalTime: 0,
      }),
    ));
  }
  await within("end", writer.close());
  const frames = await framesOf(path, { format: "gray8" });
  assertEquals(frames.length, 24);
  frames.forEach(({ data }, i) => {
    const levels = [data[0], data[data.length >> 1], data[data.length - 1]];
    for (const level of levels) assertLess(Math.abs(level! - i * 10), 8, `picture ${i}`);
  });
});

function pictures(count: number): ReadableStream<Uint8Array> {
  let index = 0;
  return new ReadableStream({
    pull(controller) {
      if (index === count) controller.close();
      else controller.enqueue(scene.picture(index++));
    },
  });
}

test("writable: a ReadableStream is piped in, whole, and the file is completed", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, { ...SMALL_RGB, queue: { size: 2 } });
  await within("end of the pipe", pictures(50).pipeTo(writer.writable));
  assertEquals([writer.state, writer.stats().written], ["stopped", 50]);
  assertEquals(writer.stats().dropped, { replaced: 0, refused: 0, lost: 0 });
  assertEquals((await framesOf(path, { format: "gray8" })).map(numberOf), upTo(50));
});

test("writable: frames of a VideoStream through a TransformStream", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const [from, to] = ["from.mp4", "to.mp4"].map((name) => directory.file(name));
  {
    await using writer = new VideoWriter(from!, SMALL_RGB);
    await writeAll(writer, 30);
  }
  await using stream = new VideoStream(from!);
  await using writer = new VideoWriter(to!);
  const sink = writer.writable.getWriter();
  for await (const frame of stream) await within("write", sink.write(frame));
  await within("end", sink.close());
  assertEquals((await framesOf(to!, { format: "gray8" })).map(numberOf), upTo(30));
});

test("writable: what cannot be written ends the pipe with the error", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(5)),
  });
  await using wrong = new VideoWriter(directory.file("wrong.mp4"), SMALL_RGB);
  const error = await within("end of the pipe", rejection(source.pipeTo(wrong.writable)));
  assertInstanceOf(error, TypeError);

  const path = directory.file("missing/film.mp4");
  const failing = new VideoWriter(path, SMALL_RGB);
  await using _end = ending(failing);
  const failure = await within(
    "end of the pipe",
    rejection(pictures(1_000).pipeTo(failing.writable)),
  );
  assertInstanceOf(failure, StreamError);
  assertArrayIncludes(["NOT_FOUND", "WRITE_FAILED"], [failure.code]);
  assertStrictEquals(failing.lastError, failure);
});

test("writable: aborting it stops the writer", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using writer = new VideoWriter(directory.file("film.mp4"), SMALL_RGB);
  const controller = new AbortController();
  const endless = new ReadableStream<Uint8Array>({
    pull: (queue) => queue.enqueue(scene.picture(0)),
  });
  const piped = rejection(endless.pipeTo(writer.writable, { signal: controller.signal }));
  await until("pictures", () => writer.stats().written > 5);
  controller.abort();
  assertInstanceOf(await within("end of the pipe", piped), DOMException);
  await until("an end", () => writer.state === "stopped");
});
