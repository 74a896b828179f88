/** Files: every frame, in order, to the end. */

import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import {
  type Frame,
  type StreamError,
  type StreamStatus,
  VideoStream,
  type VideoStreamOptions,
} from "../../../mod.ts";
import { make, makeVideo, realMedia, resolutionChange } from "../../support/media.ts";
import { isRising, upTo } from "../../support/numbers.ts";
import { dahua } from "../../support/odd_files.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { within } from "../../support/waiting.ts";
import { firstFrame, GRAY, look, SLOW, SMALL, streamError } from "../reading.ts";

/** The frame's number; fails when the picture is made of two. */
function counter(frame: Frame): number {
  const { data, width, height, channels } = frame;
  const number = readCounter(data, width, height, channels);
  assert(number !== undefined, `no number in frame ${frame.index}`);
  assertEquals(readCounter(data, width, height, channels, "bottom"), number, "torn");
  return number;
}

async function countersOf(
  file: string,
  options: VideoStreamOptions = {},
  visit: (frame: Frame) => unknown = () => {},
): Promise<number[]> {
  await using stream = new VideoStream(file, { ...GRAY, ...options });
  const counters: number[] = [];
  const read = async () => {
    for await (const frame of stream) {
      counters.push(counter(frame));
      assertEquals(frame.index, counters.length - 1);
      await visit(frame);
    }
  };
  await within(`end of ${file}`, read());
  assertEquals([stream.state, stream.isConnected, stream.reconnectCount], ["stopped", false, 0]);
  return counters;
}

for (const bframes of [0, 2]) {
  test(`every frame of a file comes once and in order (${bframes} B-frames)`, SLOW, async () => {
    const file = await countingVideo(90, { ...SMALL, bframes });
    const times: number[] = [];
    const counters = await countersOf(file, {}, ({ pts }) => times.push(pts ?? NaN));
    assertEquals(counters, upTo(90));
    assert(isRising(times), times.join(" "));
    assertAlmostEquals(times[89]! - times[0]!, 89 / 30, 0.001);
    assertEquals(await countersOf(pathToFileURL(file).href), upTo(90));
  });
}

const CODECS = [["hevc", "mp4"], ["mpeg4", "avi"], ["mjpeg", "mkv"], ["h264", "ts"]] as const;
for (const [codec, container] of CODECS) {
  test(`every frame of ${codec} in ${container}`, SLOW, async () => {
    const file = await countingVideo(40, { ...SMALL, codec, container });
    assertEquals(await countersOf(file), upTo(40));
  });
}

test("a file waits for a slow reader, with as few buffers as there can be", SLOW, async () => {
  const file = await countingVideo(60, { ...SMALL, bframes: 2 });
  const slowly = ({ index }: Frame) => index % 6 === 0 ? sleep(30) : undefined;
  assertEquals(await countersOf(file, { buffers: 2 }, slowly), upTo(60));
  assertEquals(await countersOf(file, { buffers: 9 }, slowly), upTo(60));
});

test("read() gives a file's frames one after the other", SLOW, async () => {
  const file = await countingVideo(40, SMALL);
  await using stream = new VideoStream(file, { ...GRAY, buffers: 2 }).start();
  const counters: number[] = [];
  const read = async () => {
    for (let seen = -1; counters.length < 40;) {
      const frame = stream.read();
      if (frame === null || frame.index === seen) {
        await sleep(1);
        continue;
      }
      seen = frame.index;
      counters.push(counter(frame));
    }
  };
  await within("40 frames", read());
  assertEquals(counters, upTo(40));
});

test("two loops over one file both get all of it", SLOW, async () => {
  const file = await countingVideo(40, SMALL);
  await using stream = new VideoStream(file, GRAY);
  const loop = async (pause: number) => {
    const counters: number[] = [];
    for await (const frame of stream) {
      counters.push(counter(frame));
      await sleep(pause);
    }
    return counters;
  };
  const both = await within("both loops", Promise.all([loop(0), loop(4)]));
  assertEquals(both, [upTo(40), upTo(40)]);
});

test("after the end of a file there are no more frames", SLOW, async () => {
  const file = await countingVideo(5, SMALL);
  const failures: StreamError[] = [];
  await using stream = new VideoStream(file, {
    ...GRAY,
    onReconnectFailure: (error) => void failures.push(error),
  });
  const events: StreamStatus[] = [];
  const told = (async () => {
    for await (const event of stream.status()) events.push(event);
  })();
  for (const number of upTo(5)) {
    assertEquals(counter(await within("frame", stream.next())), number);
  }
  const error = await streamError("sixth frame", stream.next());
  assertEquals([error.code, stream.state], ["END_OF_STREAM", "stopped"]);
  assertEquals((await streamError("seventh frame", stream.next())).code, "END_OF_STREAM");
  await stream.ready;
  // A loop that begins now ends by itself, with no more than the frame that is still held.
  const late: number[] = [];
  for await (const frame of stream) late.push(counter(frame));
  assert(late.length <= 1, late.join(" "));
  await within("end of the status", told);
  assertEquals(events.map(({ type }) => type), ["connecting", "connected", "stopped"]);
  const last = events.at(-1);
  assert(last?.type === "stopped" && last.reason === "end");
  assertEquals(failures, []);
  assertEquals(stream.lastError, undefined);
});

test("pace: a file takes its own time and loses nothing", SLOW, async () => {
  const file = await countingVideo(45, SMALL);
  const begin = performance.now();
  assertEquals(await countersOf(file, { pace: true }), upTo(45));
  const elapsed = performance.now() - begin;
  assertGreater(elapsed, 1_300);
  assertLess(elapsed, 4_000);
});

test("loop: a file begins again and its times go on", SLOW, async () => {
  const file = await countingVideo(20, { ...SMALL, bframes: 2 });
  await using stream = new VideoStream(file, { ...GRAY, loop: true });
  const counters: number[] = [];
  const times: number[] = [];
  const read = async () => {
    for await (const frame of stream) {
      assertEquals(frame.index, counters.length);
      counters.push(counter(frame));
      times.push(frame.pts ?? NaN);
      if (counters.length === 70) break;
    }
  };
  await within("three and a half turns", read());
  assertEquals(counters, upTo(70).map((i) => i % 20));
  assert(isRising(times), times.join(" "));
  assertAlmostEquals(times[60]! - times[0]!, 2, 0.01);
  assertEquals([stream.state, stream.reconnectCount], ["streaming", 0]);
});

for (const container of ["ts", "h264"] as const) {
  test(`a size that changes within a ${container} file`, SLOW, async () => {
    await using stream = new VideoStream(await resolutionChange(container));
    const changes: StreamStatus[] = [];
    const told = (async () => {
      for await (const event of stream.status()) {
        if (event.type === "format-change") changes.push(event);
      }
    })();
    const sizes: string[] = [];
    const read = async () => {
      for await (const frame of stream) {
        assertEquals(frame.data.length, frame.width * frame.height * 3);
        assertEquals(frame.index, sizes.length);
        sizes.push(`${frame.width}x${frame.height}`);
        if (frame.index < 25 || frame.index > 34) continue;
        // While this one is held, those of the new size are made.
        const bytes = frame.data.slice();
        await sleep(30);
        assert(Buffer.compare(frame.data, bytes) === 0, `frame ${frame.index} has changed`);
      }
    };
    await within("end of the file", read());
    await within("end of the status", told);
    assertEquals(sizes, [...Array(30).fill("640x360"), ...Array(30).fill("320x240")]);
    assertEquals(changes.length, 1);
    const [change] = changes;
    assert(change!.type === "format-change");
    assertEquals([change!.width, change!.height, change!.codec], [320, 240, "h264"]);
    assertEquals([stream.frameWidth, stream.frameHeight], [320, 240]);
  });
}

test("a size that was asked for stays when the file's changes", SLOW, async () => {
  await using stream = new VideoStream(await resolutionChange(), { width: 200, height: 100 });
  const frames = await look(stream, 100);
  assertEquals(frames.length, 60);
  assert(frames.every(({ width, height }) => width === 200 && height === 100));
});

const FOOTAGE = [
  { name: "handheld.mp4", codec: "h264", width: 640, height: 480, fps: 26.777 },
  { name: "street.avi", codec: "msmpeg4v3", width: 768, height: 576, fps: 10 },
];
for (const { name, ...expected } of FOOTAGE) {
  test(`real footage or a stand-in: ${name}`, SLOW, async () => {
    const real = realMedia(name);
    const { width, height, codec, fps } = real ? expected : { ...SMALL, codec: "mpeg4", fps: 30 };
    const file = real ?? await makeVideo({ ...SMALL, codec: "mpeg4", container: "avi" });
    await using stream = new VideoStream(file);
    const frames = await look(stream, 50);
    assertEquals(frames.map(({ index }) => index), upTo(50));
    assert(frames.every((frame) => frame.width === width && frame.height === height));
    assertEquals(stream.codec, codec);
    assertAlmostEquals(stream.fps ?? NaN, fps, 0.01);
    // A real picture has many colours.
    const { data } = await firstFrame(file);
    assertGreater(new Set(data).size, 100);
  });
}

test("what recorders and old cameras export is read by itself", SLOW, async () => {
  const h263 = ["-c:v", "h263", "-frames:v", "10", "-f", "h263"];
  const files: [string, number][] = [
    [await dahua(), 100],
    [await make("old.h263", ["-f", "lavfi", "-i", "testsrc2=size=352x288:rate=25", ...h263]), 10],
    // MOBOTIX: pictures of JPEG, and sound between them.
    [
      await make("clip.mxg", ["-f", "lavfi", "-i", "testsrc2", "-frames:v", "10", "-f", "mjpeg"]),
      9,
    ],
  ];
  for (const [file, count] of files) {
    await using stream = new VideoStream(file, GRAY);
    let frames = 0;
    for await (const _ of stream) frames++;
    assertEquals([file, frames], [file, count]);
  }
});
