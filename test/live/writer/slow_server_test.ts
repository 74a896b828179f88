/** Servers that take less than is sent: what they take must be new, whatever is left out. */

import { assertEquals, assertGreater, assertInstanceOf, assertLess } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StreamError, VideoStream, VideoWriter } from "../../../mod.ts";
import { startRecordServer } from "../../support/gst_record_server.ts";
import { readCounter } from "../../support/patterns.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { startSlowRelay } from "../../support/slow_relay.ts";
import { until, within } from "../../support/waiting.ts";
import { QUICK } from "../lifecycle.ts";
import { assertAddsUp, ending, LiveSource, noise, numberOf, scene, SMALL_RGB } from "../writing.ts";

const FPS = 30;
/** What is sent, in bytes a second, and half of it. */
const RATE = 100_000;
/** Where the system takes all that is written, frames are half a second older each second. */
const SLOW_SECONDS = 20;
/** Of a frame when a viewer has it: what the relay and the server's own system hold included. */
const MOST_SECONDS = 5;
const LONG = { timeout: 120_000 };

const OPTIONS = { ...SMALL_RGB, fps: FPS, gop: FPS, bitrate: RATE * 8 } as const;

const grain = noise(8);

/** The numbered picture with noise between its numbers, which no encoder makes small. */
function grainy(index: number): Uint8Array<ArrayBuffer> {
  const { width, height } = SMALL_RGB;
  const picture = Uint8Array.from(scene.picture(index));
  const band = width * 3 * Math.ceil(height / 6);
  picture.set(grain[index % 8]!.subarray(band, picture.length - band), band);
  return picture;
}

test("a slow RTMP server gets new frames, of two writers at a time", LONG, async () => {
  await using server = await startRtmpServer();
  await using relay = await startSlowRelay(server.port, RATE / 2);
  await using stack = new AsyncDisposableStack();
  // At the same moment, so that each has to find its own connection among those of both.
  const writers = ["one", "two"].map((key) => {
    const writer = new VideoWriter(`rtmp://127.0.0.1:${relay.port}/live/${key}`, OPTIONS);
    stack.use(ending(writer));
    return { writer, source: stack.use(new LiveSource(writer, FPS, grainy)) };
  });
  await within("ready", Promise.all(writers.map(({ writer }) => writer.ready)));
  await using stream = new VideoStream(server.url("one"), QUICK);
  relay.throttle();
  const { source } = writers[0]!;
  const lags: number[] = [];
  const watch = async () => {
    const end = performance.now() + SLOW_SECONDS * 1_000;
    for await (const frame of stream) {
      const number = numberOf(frame);
      if (number !== undefined) lags.push((source.count - number) / FPS);
      if (performance.now() > end) return;
    }
  };
  await within("frames", watch(), 60_000);
  assertGreater(lags.length, SLOW_SECONDS);
  assertLess(Math.max(...lags), MOST_SECONDS, lags.join(" "));
  for (const { writer, source } of writers) {
    const stats = writer.stats();
    const { unsent, dropped } = stats;
    assertGreater(unsent.replaced, 50, JSON.stringify(stats));
    assertLess(unsent.replaced, dropped.replaced + 1);
    assertLess(unsent.bytes, 3 * RATE);
    assertAddsUp(stats, source.count);
    assertEquals(writer.state, "streaming");
  }
  relay.pass();
  await until("a server that has all", () => {
    return writers.every(({ writer }) => writer.stats().unsent.age < 500);
  });
});

test("a slow RTSP server gets new frames", LONG, async () => {
  await using server = await startRecordServer();
  await using relay = await startSlowRelay(server.port, RATE / 2);
  const writer = new VideoWriter(`rtsp://127.0.0.1:${relay.port}/record`, OPTIONS);
  await using _end = ending(writer);
  await using source = new LiveSource(writer, FPS, grainy);
  await within("ready", writer.ready);
  await until("a picture", () => server.sizes.length > 0);
  relay.throttle();
  await sleep(SLOW_SECONDS * 1_000);
  const seen = server.sizes.length;
  const { count } = source;
  assertGreater(writer.stats().unsent.replaced, 50);
  assertGreater(seen, SLOW_SECONDS);
  const { rgb, width, height } = (await server.pictures())[seen - 1]!;
  const number = readCounter(rgb, width, height, 3)!;
  assertLess((count - number) / FPS, MOST_SECONDS, `picture ${number} of ${count}`);
});

test("a server that is frozen is noticed, though the system takes all", LONG, async () => {
  await using server = await startRtmpServer();
  const lost: StreamError[] = [];
  await using writer = new VideoWriter(server.url("frozen"), {
    ...OPTIONS,
    writeTimeout: 2_000,
    onDisconnect: (error) => void lost.push(error),
  });
  await using _source = new LiveSource(writer, FPS, grainy);
  await within("ready", writer.ready);
  server.pause();
  try {
    const error = await until("a disconnection", () => lost[0], 12_000);
    assertInstanceOf(error, StreamError);
    assertEquals([error.code, error.operation], ["WRITE_TIMEOUT", "write"]);
  } finally {
    server.resume();
  }
});

test("close() tells of what the server did not take", LONG, async () => {
  await using server = await startRtmpServer();
  const writer = new VideoWriter(server.url("short"), { ...OPTIONS, closeTimeout: 1_000 });
  await using _end = ending(writer);
  await using source = new LiveSource(writer, FPS, grainy);
  await within("ready", writer.ready);
  server.pause();
  try {
    await until("bytes that wait", () => writer.stats().unsent.age > 400);
    source.end();
    const error = await within("end", writer.close().then(() => undefined, (error) => error));
    assertInstanceOf(error, StreamError);
    assertEquals(error.code, "WRITE_TIMEOUT", error.message);
  } finally {
    server.resume();
  }
});
