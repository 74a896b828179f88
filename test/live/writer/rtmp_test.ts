/** Publishing to an RTMP server: what players see, and what happens when the server goes. */

import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Frame, StreamError, VideoStream, VideoWriter } from "../../../mod.ts";
import { Child } from "../../support/child.ts";
import { isRising } from "../../support/numbers.ts";
import { freePort } from "../../support/port.ts";
import { probe } from "../../support/probe.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { psnr, Scene } from "../../support/scene.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { until, within } from "../../support/waiting.ts";
import { Calls, QUICK } from "../lifecycle.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import {
  assertAddsUp,
  FAITHFUL,
  LiveSource,
  noise,
  numberOf,
  recordingOf,
  scene,
  SMALL_RGB,
  together,
} from "../writing.ts";
import { LIVE, watch } from "./publishing.ts";

const AGAIN = { delay: 100 };

test(
  "a player sees the pictures that are published, in every size",
  SLOW,
  () =>
    together([[320, 180], [640, 360]], async ([width, height]) => {
      await using server = await startRtmpServer();
      const pictures = new Scene(width!, height!);
      await using writer = new VideoWriter(server.url("live"), { width, height, gop: 15 });
      assertEquals([writer.state, writer.queuePolicy], ["idle", "drop-oldest"]);
      await using source = new LiveSource(writer, 30, (index) => pictures.picture(index));
      await within("ready", writer.ready);
      assertEquals([writer.state, writer.isConnected], ["streaming", true]);
      await using stream = new VideoStream(server.url("live"), QUICK);
      const numbers: number[] = [];
      const times: number[] = [];
      const quality: number[] = [];
      await watch(stream, 30, (frame) => {
        const number = numberOf(frame);
        assert(number !== undefined, `frame ${frame.index} is torn`);
        assertEquals([frame.width, frame.height], [width, height]);
        numbers.push(number);
        times.push(frame.pts ?? NaN);
        quality.push(psnr(frame.data, pictures.picture(number)));
      });
      source.end();
      assert(isRising(numbers), numbers.join(" "));
      assert(isRising(times), times.join(" "));
      assertGreater(Math.min(...quality), FAITHFUL, quality.map(Math.round).join(" "));
      await within("flush", writer.flush());
      const stats = writer.stats();
      assertAddsUp(stats, source.count);
      assertEquals([stats.encoder, stats.reconnects, stats.queue], ["libx264", 0, 0]);
      assertEquals(stats.packets, stats.written);
      assertGreater(stats.bytes, 10_000);
      // 0.12 bits a pixel, at most and on average.
      assertLess(stats.bitrate ?? 0, width! * height! * 30 * 0.12 * 1.6);
      assertGreater(stats.uptime, 1_000);
      assertStrictEquals(source.error, undefined);
      await within("end", writer.close());
      assertEquals([writer.state, writer.isConnected, writer.lastError], [
        "stopped",
        false,
        undefined,
      ]);
    }),
);

test("the default bitrate is kept to, and so is one that is asked for", SLOW, async () => {
  await using server = await startRtmpServer();
  // The worst that a camera can send.
  const pictures = noise(8);
  const measure = async (key: string, bitrate?: number) => {
    await using writer = new VideoWriter(server.url(key), { ...SMALL_RGB, bitrate });
    await using _source = new LiveSource(writer, 30, (index) => pictures[index % 8]!);
    await within("ready", writer.ready);
    await sleep(2_000);
    return writer.stats().bitrate ?? 0;
  };
  const [usual, high] = await Promise.all([measure("usual"), measure("high", 1_000_000)]);
  const expected = SMALL_RGB.width * SMALL_RGB.height * 30 * 0.12;
  assertGreater(usual, expected * 0.4);
  assertLess(usual, expected * 1.6);
  assertGreater(high, 400_000);
  assertLess(high, 1_600_000);
});

test("a server that is killed and started again gets the stream again", SLOW, async () => {
  const first = await startRtmpServer();
  await using _first = first;
  const calls = new Calls();
  const url = first.url("live");
  await using writer = new VideoWriter(url, { ...LIVE, ...calls.options, reconnect: AGAIN });
  const recording = recordingOf(writer);
  await using source = new LiveSource(writer);
  await using stream = new VideoStream(url, { ...QUICK, reconnect: AGAIN });
  const frames: { connection: number; number: number }[] = [];
  const look = (frame: Frame) => {
    frames.push({ connection: frame.connection, number: numberOf(frame) ?? NaN });
  };
  await watch(stream, 10, look);
  await until("a connection", () => calls.connects === 1);

  await first.kill();
  await until("a disconnection", () => calls.disconnects.length > 0);
  assertEquals([writer.state, writer.isConnected], ["reconnecting", false]);
  assertStrictEquals(writer.lastError, calls.disconnects[0]);
  await sleep(400);
  assertEquals(writer.state, "reconnecting");
  assertStrictEquals(source.error, undefined);
  const killedAt = source.count;

  await using _second = await startRtmpServer({ port: first.port });
  await until("another connection", () => calls.connects === 2);
  const { connection } = frames[frames.length - 1]!;
  await within(
    "frames of the second server",
    (async () => {
      while (frames.filter((frame) => frame.connection > connection).length < 10) {
        await watch(stream, 1, look);
      }
    })(),
  );
  const after = frames.filter((frame) => frame.connection > connection);
  // Not those of the time without a server.
  assertGreater(after[0]!.number, killedAt - 10);
  assert(isRising(frames.map(({ number }) => number)), JSON.stringify(frames));

  assertEquals([calls.connects, calls.disconnects.length, calls.failures.length], [2, 1, 0]);
  const [error] = calls.disconnects;
  assertInstanceOf(error, StreamError);
  assertArrayIncludes(["END_OF_STREAM", "REFUSED"], [error!.code], error!.message);
  assertEquals(error!.operation, "write");
  source.end();
  await within("flush", writer.flush());
  assertGreater(writer.reconnectCount, 0);
  assertEquals(writer.stats().reconnects, writer.reconnectCount);
  assertAddsUp(writer.stats(), source.count);
  assertGreater(writer.stats().dropped.replaced, 0);
  await within("end", writer.close());
  await within("end of the status", recording.ended);
  assertMatch(
    recording.story,
    /^connecting connected disconnected (reconnecting connecting )+connected stopped$/,
  );
});

test(
  "a player that stays sees one line of times when the writer connects again",
  SLOW,
  async () => {
    await using server = await startRtmpServer({ idleStreams: true });
    await using proxy = await startProxy({ targetPort: server.port });
    const calls = new Calls();
    const url = server.url("live").replace(`:${server.port}/`, `:${proxy.port}/`);
    await using writer = new VideoWriter(url, { ...LIVE, ...calls.options, reconnect: AGAIN });
    await using _source = new LiveSource(writer);
    await within("ready", writer.ready);
    await using stream = new VideoStream(server.url("live"), QUICK);
    const times: number[] = [];
    const numbers: number[] = [];
    const look = (frame: Frame) => {
      times.push(frame.pts ?? NaN);
      numbers.push(numberOf(frame) ?? NaN);
      assertEquals(frame.connection, 1);
    };
    await watch(stream, 15, look);
    for (const connects of [2, 3]) {
      proxy.cut();
      await until(`connection ${connects}`, () => calls.connects === connects);
      await watch(stream, 15, look);
    }
    assert(isRising(times), times.join(" "));
    assert(isRising(numbers), numbers.join(" "));
    // A wall clock's times go with the pictures' numbers, also over the gaps.
    const [time, number] = [
      times[times.length - 1]! - times[0]!,
      numbers[numbers.length - 1]! - numbers[0]!,
    ];
    assertLess(Math.abs(time - number / 30), 0.5 + 0.2 * time, `${time} s for ${number} pictures`);
    assertEquals(calls.disconnects.length, 2);
  },
);

/** The ffmpeg command as an RTMP server, which writes down what one publisher sends. */
function startSink(port: number, file: string): Child {
  return new Child("ffmpeg", [
    ..."-nostdin -v error -y -listen 1 -analyzeduration 100000 -copyts".split(" "),
    ...["-i", `rtmp://127.0.0.1:${port}/live/key`, "-c", "copy", "-flush_packets", "1", file],
  ]);
}

test(
  "each connection begins with a keyframe, and goes on in the times of the one before",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const port = await freePort();
    const calls = new Calls();
    await using writer = new VideoWriter(`rtmp://127.0.0.1:${port}/live/key`, {
      ...SMALL_RGB,
      ...calls.options,
      reconnect: { delay: 50 },
    });
    await using source = new LiveSource(writer);
    const files = ["first.flv", "second.flv"].map((name) => directory.file(name));
    for (const [i, file] of files.entries()) {
      await using sink = startSink(port, file);
      await until(`connection ${i + 1}`, () => calls.connects === i + 1);
      const { written } = writer.stats();
      await until("pictures", () => writer.stats().written > written + 20);
      sink.signal("SIGINT");
      await within("end of the server", sink.exited);
      await until("a disconnection", () => calls.disconnects.length === i + 1);
    }
    source.end();
    const recordings = await Promise.all(files.map(probe));
    let last = -1;
    for (const { pictures, frames } of recordings) {
      assertGreater(frames, 10);
      assert(pictures[0]!.key, "a connection begins with a keyframe");
      assertGreater(pictures[0]!.dts, last);
      assert(isRising(pictures.map(({ dts }) => dts)));
      last = pictures[pictures.length - 1]!.dts;
    }
  },
);

test("a picture may be a Frame of another stream, with that one's size", SLOW, async () => {
  await using server = await startRtmpServer();
  await using source = new VideoWriter(server.url("one"), LIVE);
  await using _pictures = new LiveSource(source);
  await within("ready", source.ready);
  await using relay = new VideoStream(server.url("one"), QUICK);
  await using writer = new VideoWriter(server.url("two"), { gop: 10, width: 160, height: 90 });
  const piped = relay.pipeTo(writer, (frame) => void frame.data.fill(0, 0, 30));
  await within("ready", writer.ready);
  await using stream = new VideoStream(server.url("two"), QUICK);
  const numbers: number[] = [];
  await watch(stream, 10, (frame) => {
    assertEquals([frame.width, frame.height], [160, 90]);
    numbers.push(numberOf(frame) ?? NaN);
  });
  assert(isRising(numbers), numbers.join(" "));
  await relay.stop();
  await within("end of the pipe", piped);
  assertEquals(writer.state, "stopped");
});

test("with constant times the stream has its own pace, however it is written", SLOW, async () => {
  await using server = await startRtmpServer();
  await using writer = new VideoWriter(server.url("live"), {
    ...LIVE,
    fps: 15,
    timestamps: "constant",
    pace: true,
    queue: { policy: "block" },
  });
  assertEquals(writer.queuePolicy, "block");
  // A player on a busy machine comes late: there are pictures until it has seen enough.
  let seen = false;
  const feed = (async () => {
    for (let index = 0; !seen; index++) {
      await within("a place", writer.drain());
      assert(writer.write(scene.picture(index)));
    }
  })();
  await within("ready", writer.ready);
  await using stream = new VideoStream(server.url("live"), QUICK);
  const times: number[] = [];
  await watch(stream, 9, (frame) => times.push(frame.pts ?? NaN)).finally(() => seen = true);
  await within("all pictures", feed);
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  assertGreaterOrEqual(Math.min(...steps), 0.05, steps.join(" "));
  assertEquals(writer.stats().dropped, { replaced: 0, refused: 0, lost: 0 });
});
