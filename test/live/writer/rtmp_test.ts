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
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Frame,
  StreamError,
  VideoStream,
  VideoWriter,
  type VideoWriterOptions,
} from "../../../mod.ts";
import { Child } from "../../support/child.ts";
import { freePort } from "../../support/port.ts";
import { probe } from "../../support/probe.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { psnr, Scene } from "../../support/scene.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { QUICK, rejection } from "../lifecycle.ts";
import { isRising, SLOW, TemporaryDirectory, until, within } from "../reading.ts";
import {
  assertAddsUp,
  ending,
  FAITHFUL,
  LiveSource,
  noise,
  numberOf,
  recordingOf,
  scene,
  SMALL,
  together,
} from "../writing.ts";

/** A player that comes in mid-stream waits for the next keyframe. */
const LIVE = { ...SMALL, gop: 10 } as const;
const AGAIN = { delay: 100 };

/** Counts the callbacks of a writer. */
class Calls {
  connects = 0;
  readonly disconnects: StreamError[] = [];
  readonly failures: StreamError[] = [];

  readonly options: VideoWriterOptions = {
    onConnect: () => void this.connects++,
    onDisconnect: (error) => void this.disconnects.push(error),
    onReconnectFailure: (error) => void this.failures.push(error),
  };
}

/** Looks at the next frames of a stream, while they are valid. */
async function watch(
  stream: VideoStream,
  count: number,
  look: (frame: Frame) => void = () => {},
): Promise<void> {
  const read = async () => {
    let seen = 0;
    for await (const frame of stream) {
      look(frame);
      if (++seen === count) return;
    }
    throw new Error(`${stream.url} ended after ${seen} frames`);
  };
  await within(`${count} frames of ${stream.url}`, read());
}

test(
  "a player sees the pictures that are published, in every size",
  SLOW,
  () =>
    together([[320, 180], [640, 360]], async ([width, height]) => {
      await using server = await startRtmpServer();
      const pictures = new Scene(width, height);
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
      assertLess(stats.bitrate ?? 0, width * height * 30 * 0.12 * 1.6);
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
    await using writer = new VideoWriter(server.url(key), { ...SMALL, bitrate });
    await using _source = new LiveSource(writer, 30, (index) => pictures[index % 8]);
    await within("ready", writer.ready);
    await sleep(2_000);
    return writer.stats().bitrate ?? 0;
  };
  const [usual, high] = await Promise.all([measure("usual"), measure("high", 1_000_000)]);
  const expected = SMALL.width * SMALL.height * 30 * 0.12;
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
  assertEquals(calls.connects, 1);

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
  const { connection } = frames[frames.length - 1];
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
  assertGreater(after[0].number, killedAt - 10);
  assert(isRising(frames.map(({ number }) => number)), JSON.stringify(frames));

  assertEquals([calls.connects, calls.disconnects.length, calls.failures.length], [2, 1, 0]);
  const [error] = calls.disconnects;
  assertInstanceOf(error, StreamError);
  assertArrayIncludes(["END_OF_STREAM", "REFUSED"], [error.code], error.message);
  assertEquals(error.operation, "write");
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
      times[times.length - 1] - times[0],
      numbers[numbers.length - 1] - numbers[0],
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
      ...SMALL,
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
      assert(pictures[0].key, "a connection begins with a keyframe");
      assertGreater(pictures[0].dts, last);
      assert(isRising(pictures.map(({ dts }) => dts)));
      last = pictures[pictures.length - 1].dts;
    }
  },
);

test("a refusing port: the writer fails when its attempts are used up", SLOW, async () => {
  const calls = new Calls();
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  const writer = new VideoWriter(url, {
    ...SMALL,
    ...calls.options,
    reconnect: { delay: 20, maxAttempts: 2 },
  });
  await using _end = ending(writer);
  const recording = recordingOf(writer);
  assert(writer.write(scene.picture(0)));
  const [ready, flushed] = await within(
    "failure",
    Promise.all([rejection(writer.ready), rejection(writer.flush())]),
  );
  await within("end of the status", recording.ended);
  assertMatch(recording.story, /^connecting (reconnecting connecting ){2}failed$/);
  assertInstanceOf(ready, StreamError);
  assertEquals([ready.code, ready.operation, ready.attempt], ["REFUSED", "open", 3], ready.message);
  assertStrictEquals(flushed, ready);
  assertStrictEquals(writer.lastError, ready);
  assertEquals([writer.state, writer.isConnected, writer.reconnectCount], ["failed", false, 2]);
  assertEquals([calls.connects, calls.disconnects.length], [0, 0]);
  assertEquals(calls.failures, [ready]);
  assertStrictEquals(assertThrows(() => writer.write(scene.picture(1))), ready);
  assertStrictEquals(await rejection(writer.drain()), ready);
  assertStrictEquals(await rejection(writer.ready), ready);
  // It has been told already.
  assertStrictEquals(await rejection(writer.close()), undefined);
  assertEquals([writer.state, calls.failures.length], ["failed", 1]);
});

test("close() tells of a failure that nobody was told of, once", SLOW, async () => {
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  const fail = async () => {
    const writer = new VideoWriter(url, { ...SMALL, reconnect: { maxAttempts: 0 } });
    writer.write(scene.picture(0));
    await until("a failure", () => writer.state === "failed");
    return writer;
  };
  const silent = await fail();
  assertStrictEquals(await rejection(silent.close()), silent.lastError);
  const told = await fail();
  assertThrows(() => told.write(scene.picture(1)), StreamError);
  assertStrictEquals(await rejection(told.close()), undefined);
});

test("a failure that ready tells of is the one that comes out of the block", SLOW, async () => {
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  const error = await rejection((async () => {
    await using writer = new VideoWriter(url, { ...SMALL, reconnect: { maxAttempts: 0 } });
    await within("ready", writer.ready);
  })());
  assertInstanceOf(error, StreamError, String(error));
  assertEquals(error.code, "REFUSED");
});

test("a failure that close() tells of is the one that comes out of the block", SLOW, async () => {
  const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
  const error = await rejection((async () => {
    await using writer = new VideoWriter(url, { ...SMALL, reconnect: { maxAttempts: 0 } });
    writer.write(scene.picture(0));
    await until("a failure", () => writer.state === "failed");
    await writer.close();
  })());
  assertInstanceOf(error, StreamError, String(error));
  assertEquals(error.code, "REFUSED");
});

test("a server that denies publishing is not tried more often than maxAttempts", SLOW, async () => {
  await using server = await startRtmpServer({ onPublish: "deny" });
  const calls = new Calls();
  const writer = new VideoWriter(server.url("secret"), {
    ...SMALL,
    ...calls.options,
    reconnect: { delay: 50, maxAttempts: 3 },
  });
  await using _end = ending(writer);
  await using source = new LiveSource(writer);
  await until("a failure", () => writer.state === "failed", 8_000);
  const [error] = calls.failures;
  assertArrayIncludes(["REFUSED", "AUTH_FAILED", "END_OF_STREAM"], [error.code], error.message);
  assertEquals([calls.failures.length, writer.reconnectCount], [1, 3]);
  await until("an end of the source", () => source.error !== undefined);
  assertStrictEquals(source.error, error);
});

test("a key that somebody else publishes is not taken from them", SLOW, async () => {
  await using server = await startRtmpServer();
  await using first = new VideoWriter(server.url("live"), LIVE);
  await using _source = new LiveSource(first);
  await within("ready", first.ready);
  await until("pictures", () => first.stats().written > 5);
  const second = new VideoWriter(server.url("live"), {
    ...SMALL,
    reconnect: { delay: 50, maxAttempts: 1 },
  });
  await using _end = ending(second);
  await using _other = new LiveSource(second, 30, (index) => scene.picture(index + 40_000));
  await until("an error", () => second.lastError !== undefined);
  await using stream = new VideoStream(server.url("live"), QUICK);
  await watch(stream, 10, (frame) => assertLess(numberOf(frame) ?? NaN, 40_000));
  assertEquals([first.state, first.reconnectCount], ["streaming", 0]);
});

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
  const steps = times.slice(1).map((time, i) => time - times[i]);
  assertGreaterOrEqual(Math.min(...steps), 0.05, steps.join(" "));
  assertEquals(writer.stats().dropped, { replaced: 0, refused: 0, lost: 0 });
});
