/** A connection that is lost is made again, as `reconnect` says. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { StreamError, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { Listener } from "../../support/listener.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { freePort } from "../../support/port.ts";
import { runScript } from "../../support/process.ts";
import { startPublisher } from "../../support/publish.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import {
  assertBack,
  Follower,
  holdings,
  Notes,
  QUICK,
  rejection,
  SMALL,
  StatusLog,
  until,
  warmUp,
} from "../lifecycle.ts";

const LIMIT = { timeout: 40_000 };
const AGAIN = { delay: 100 };

/** Counts its connections, and ends each at once. */
function startRefuser(): Promise<Listener> {
  return new Listener((socket) => socket.destroy()).listen();
}

/** Counts the callbacks of a stream. */
class Calls {
  connects = 0;
  readonly disconnects: StreamError[] = [];
  readonly failures: StreamError[] = [];

  readonly options: VideoStreamOptions = {
    onConnect: () => void this.connects++,
    onDisconnect: (error) => void this.disconnects.push(error),
    onReconnectFailure: (error) => void this.failures.push(error),
  };
}

test("a camera that is killed and started again gives frames again", LIMIT, async () => {
  const first = await startCamera(SMALL);
  await using _first = first;
  const calls = new Calls();
  await using stream = new VideoStream(first.url, {
    ...QUICK,
    ...calls.options,
    reconnect: AGAIN,
  });
  const recording = new StatusLog(stream);
  assertEquals(stream.state, "idle");
  stream.start();
  assertEquals(stream.state, "connecting");
  const follower = new Follower(stream);
  await follower.more(10);
  assertEquals([stream.state, stream.isConnected, stream.reconnectCount], ["streaming", true, 0]);
  assert(stream.read());

  await first.kill();
  await until("a disconnection", () => calls.disconnects.length > 0);
  assertEquals([stream.state, stream.isConnected], ["reconnecting", false]);
  const kept = stream.read();
  await sleep(500);
  assertEquals(stream.state, "reconnecting");
  assertStrictEquals(stream.read()?.index, kept?.index, "the last frame is kept");
  assertEquals(kept?.data.length, 320 * 180 * 3);
  assertEquals(kept?.connection, 1);
  assertStrictEquals(stream.read({ maxAge: 50 }), null, "but not as a fresh one");
  assertGreater(stream.reconnectCount, 0);

  await using _again = await startCamera({ ...SMALL, port: first.port });
  await until("another connection", () => calls.connects === 2);
  await follower.more(10);
  assertEquals([stream.state, stream.isConnected], ["streaming", true]);
  assertEquals(follower.last?.connection, 2);
  assertEquals(stream.read()?.connection, 2);
  follower.assertIncreasing();
  assertEquals(calls.connects, 2);
  assertEquals(calls.disconnects.length, 1);
  const [error] = calls.disconnects;
  assertInstanceOf(error, StreamError);
  assert(["END_OF_STREAM", "REFUSED"].includes(error.code), error.code);
  assertEquals(error.operation, "read");
  assertEquals(calls.failures, []);
  assertEquals(stream.reconnectCount, recording.of("connecting").length - 1);
  assertEquals(stream.stats().reconnects, stream.reconnectCount);
  await stream.stop();
  await recording.ended;
  assertMatch(
    recording.story,
    /^connecting connected disconnected (reconnecting connecting )+connected stopped$/,
  );
  assertEquals(await follower.ended, undefined);
});

test("the waits between attempts grow as the back-off says", LIMIT, async () => {
  const url = `rtsp://127.0.0.1:${await freePort()}/stream`;
  const reconnect = { delay: 200, backoff: 2, maxDelay: 800, maxAttempts: 4 };
  await using stream = new VideoStream(url, { reconnect });
  const recording = new StatusLog(stream);
  await rejection(stream.start().ready);
  await recording.ended;
  const waits = recording.of("reconnecting");
  assertEquals(waits.map(({ delay }) => delay), [200, 400, 800, 800]);
  assertEquals(waits.map(({ attempt }) => attempt), [2, 3, 4, 5]);
  const attempts = recording.of("connecting");
  assertEquals(attempts.map(({ attempt }) => attempt), [1, 2, 3, 4, 5]);
  waits.forEach(({ delay, time, error }, i) => {
    const waited = attempts[i + 1].time - time;
    // The clock has whole milliseconds, and a busy machine is late.
    assert(waited >= delay - 2 && waited < delay + 200, `${waited} ms in place of ${delay}`);
    assertEquals([error.code, error.attempt], ["REFUSED", i + 1]);
  });
});

test("a stream that has used up its attempts has failed, and says so to all", LIMIT, async () => {
  await using server = await startRefuser();
  const calls = new Calls();
  await using stream = new VideoStream(server.url, {
    ...calls.options,
    reconnect: { delay: 20, maxAttempts: 2 },
  });
  const loop = new Follower(stream);
  const [pending, ready, failure] = await Promise.all([
    rejection(stream.next()),
    rejection(stream.ready),
    loop.ended,
  ]);
  assertEquals(server.connections, 3);
  assertEquals(stream.state, "failed");
  assertEquals(stream.reconnectCount, 2);
  assertEquals([calls.connects, calls.disconnects.length, calls.failures.length], [0, 0, 1]);
  const [error] = calls.failures;
  assertInstanceOf(error, StreamError);
  assertEquals(error.attempt, 3);
  assertStrictEquals(stream.lastError, error);
  for (const reason of [pending, ready, failure]) assertStrictEquals(reason, error);
  // And so to those who come later.
  assertStrictEquals(await rejection(stream.next()), error);
  assertStrictEquals(await rejection(stream.ready), error);
  assertStrictEquals(await new Follower(stream).ended, error);
  assertStrictEquals(stream.read(), null);
  await sleep(100);
  assertEquals([server.connections, calls.failures.length], [3, 1]);
});

test("with maxAttempts 0 there is one attempt, and one connection", LIMIT, async () => {
  await using server = await startRefuser();
  await using camera = await startCamera(SMALL);
  const calls = [new Calls(), new Calls()];
  const options = { ...QUICK, reconnect: { delay: 10, maxAttempts: 0 } };
  await using refused = new VideoStream(server.url, { ...options, ...calls[0].options });
  await using killed = new VideoStream(camera.url, { ...options, ...calls[1].options });
  assertInstanceOf(await rejection(refused.start().ready), StreamError);
  await killed.start().ready;
  const loop = new Follower(killed);
  await loop.more(2);
  await camera.kill();
  const error = await loop.ended;
  await sleep(100);
  assertEquals(server.connections, 1);
  assertEquals([refused.state, refused.reconnectCount, calls[0].failures.length], ["failed", 0, 1]);
  assertEquals([killed.state, killed.reconnectCount], ["failed", 0]);
  assertEquals(calls[1].disconnects, [error]);
  assertEquals(calls[1].failures, [error]);
});

test("reconnect.retry decides, and is not trusted to work", LIMIT, async () => {
  await using locked = await startWrongCamera({ answers: { DESCRIBE: { status: 401 } } });
  await using refuser = await startRefuser();
  await using other = await startRefuser();
  const asked: string[] = [];
  const notes = new Notes();
  const limits = { delay: 10, maxAttempts: 2 };
  const run = async (url: string, retry?: (error: StreamError) => boolean) => {
    await using stream = new VideoStream(url, {
      logger: notes,
      openTimeout: 30_000,
      reconnect: { ...limits, retry },
    });
    await rejection(stream.start().ready);
    return [stream.lastError?.code, stream.reconnectCount];
  };
  const results = await Promise.all([
    run(locked.url),
    run(locked.url, ({ code, retryable }) => {
      asked.push(`${code} ${retryable}`);
      return true;
    }),
    run(refuser.url, () => false),
    run(other.url, () => {
      throw new Error("a bug of the program's");
    }),
  ]);
  assertEquals(results.map(([, count]) => count), [0, 2, 0, 2]);
  assertEquals(results.slice(0, 2).map(([code]) => code), ["AUTH_FAILED", "AUTH_FAILED"]);
  // Not asked when the attempts have run out.
  assertEquals(asked, ["AUTH_FAILED false", "AUTH_FAILED false"]);
  assertEquals([refuser.connections, other.connections], [1, 3]);
  assertEquals(notes.find(/^error: .*reconnect\.retry threw .*a bug of the program's/).length, 2);
});

test("a callback that throws is logged and harms nobody", LIMIT, async () => {
  await using camera = await startCamera(SMALL);
  const notes = new Notes();
  const broken = (name: string) => () => {
    throw new Error(`thrown by ${name}`);
  };
  await using stream = new VideoStream(camera.url, {
    ...QUICK,
    logger: notes,
    reconnect: { delay: 20, maxAttempts: 1 },
    onConnect: broken("connect"),
    onDisconnect: broken("disconnect"),
    onReconnectFailure: broken("failure"),
  });
  const loop = new Follower(stream);
  await loop.more(5);
  assertEquals(stream.state, "streaming");
  await camera.kill();
  assertInstanceOf(await loop.ended, StreamError);
  assertEquals([stream.state, stream.reconnectCount], ["failed", 1]);
  for (const name of ["connect", "disconnect", "failure"]) {
    assertEquals(notes.find(new RegExp(`^error: .*thrown by ${name}`)).length, 1, name);
  }
});

test("an async callback that rejects is logged and does not end the program", LIMIT, async () => {
  await using camera = await startCamera(SMALL);
  const script = fileURLToPath(new URL("../fixtures/rejecting_callback.ts", import.meta.url));
  const { code, stdout, stderr } = await runScript(script, [camera.url], { timeout: 10_000 });
  assertEquals(code, 0, stdout + stderr);
  assertMatch(stdout, /error: .*onConnect.*rejected by the program[^]*frames after it/);
});

test("stop() from within a callback is obeyed", LIMIT, async () => {
  await using server = await startRefuser();
  await using camera = await startCamera(SMALL);
  // Set beforehand so that the callbacks can name it.
  const refused: VideoStream = new VideoStream(server.url, {
    reconnect: {
      delay: 60_000,
      retry: () => {
        void refused.stop();
        return true;
      },
    },
  });
  await using _refused = refused;
  const lost: VideoStream = new VideoStream(camera.url, {
    ...QUICK,
    reconnect: AGAIN,
    onDisconnect: () => void lost.stop(),
  });
  await using _lost = lost;
  const recordings = [new StatusLog(refused), new StatusLog(lost)];
  refused.start();
  await lost.start().ready;
  await camera.kill();
  await until("a stop of the lost one", () => lost.state === "stopped");
  await until("a stop of the refused one", () => server.connections === 1);
  await sleep(300);
  assertEquals([lost.state, lost.reconnectCount], ["stopped", 0]);
  assertEquals(recordings[1].story, "connecting connected disconnected stopped");
  assertEquals([refused.state, refused.reconnectCount], ["stopped", 0]);
  assertEquals(recordings[0].story, "connecting stopped");
});

test("a camera may come back with another size and another codec", LIMIT, async () => {
  const first = await startCamera(SMALL);
  await using _first = first;
  await using stream = new VideoStream(first.url, { ...QUICK, reconnect: AGAIN });
  const recording = new StatusLog(stream);
  const follower = new Follower(stream, ({ data, width, height }) => {
    assertEquals(data.length, width * height * 3);
  });
  await follower.more(5);
  assertEquals([stream.codec, stream.frameWidth, stream.frameHeight], ["h264", 320, 180]);
  await first.kill();
  await using _second = await startCamera({
    port: first.port,
    codec: "hevc",
    width: 640,
    height: 360,
    keyInterval: 5,
  });
  await until("another connection", () => recording.of("connected").length === 2);
  await follower.more(5);
  assertEquals([stream.codec, stream.frameWidth, stream.frameHeight], ["hevc", 640, 360]);
  assertEquals(
    recording.of("connected").map(({ connection, codec, width, height }) =>
      `${connection} ${codec} ${width}x${height}`
    ),
    ["1 h264 320x180", "2 hevc 640x360"],
  );
  assertEquals(recording.of("format-change"), []);
  follower.assertIncreasing();
  for (const { connection, width } of follower.frames) {
    assertEquals(width, connection === 1 ? 320 : 640);
  }
  await stream.stop();
  assertEquals(await follower.ended, undefined);
});

for (const codec of ["h264", "hevc"] as const) {
  test(
    `a connection that is cut is made again, and no frame is torn: ${codec}`,
    LIMIT,
    async () => {
      // Frames of many packets, most of which a cut goes through.
      const size = { width: 1280, height: 720 };
      const file = await countingVideo(150, { ...size, codec, keyInterval: 5 });
      const parser = `${codec.replace("hevc", "h265")}parse config-interval=-1`;
      const payloader = `rtp${codec.replace("hevc", "h265")}pay name=pay0 pt=96`;
      await using camera = await startCamera({
        launch:
          `( filesrc location=${file} ! qtdemux ! ${parser} ! identity sync=true ! ${payloader} )`,
      });
      await using proxy = await startProxy({ targetPort: camera.port });
      const calls = new Calls();
      await using stream = new VideoStream(proxy.url, {
        ...QUICK,
        ...calls.options,
        transport: "tcp",
        reconnect: { delay: 20 },
      });
      const torn: string[] = [];
      const follower = new Follower(stream, ({ data, width, height, index, connection }) => {
        const top = readCounter(data, width, height, 3, "top");
        const bottom = readCounter(data, width, height, 3, "bottom");
        if (top === undefined || top !== bottom) {
          torn.push(`frame ${index} of connection ${connection}: ${top} above ${bottom}`);
        }
      });
      await follower.more(10);
      proxy.cut();
      await until("another connection", () => calls.connects === 2);
      await follower.more(10);
      let bytes = 400_000;
      for (let connects = 2; connects < 5; connects++) {
        proxy.dropAfter(bytes);
        bytes += 4_321;
        await until("a loss", () => calls.disconnects.length >= connects);
        await until("another connection", () => calls.connects > connects);
      }
      proxy.pass();
      await follower.more(10);
      assertEquals(torn, []);
      follower.assertIncreasing();
      assertGreater(stream.reconnectCount, 3);
    },
  );
}

test("an RTMP publisher may leave and come back", LIMIT, async () => {
  await using server = await startRtmpServer();
  const url = server.url("one");
  const small = { width: 320, height: 180 };
  const publisher = await startPublisher(url, small);
  await using _publisher = publisher;
  const calls = new Calls();
  await using stream = new VideoStream(url, {
    ...QUICK,
    ...calls.options,
    openTimeout: 5_000,
    reconnect: AGAIN,
  });
  const follower = new Follower(stream);
  await follower.more(5);
  await publisher.stop();
  await until("a disconnection", () => calls.disconnects.length === 1);
  assertEquals([stream.state, calls.disconnects[0].code], ["reconnecting", "END_OF_STREAM"]);
  await using _again = await startPublisher(url, small);
  await until("another connection", () => calls.connects === 2);
  await follower.more(5);
  assertEquals(follower.last?.connection, 2);
  follower.assertIncreasing();
  assertEquals(calls.disconnects.length, 1);
});

test("the end of a live stream is a loss, not an end", LIMIT, async () => {
  const file = await countingVideo(30, { width: 320, height: 240, keyInterval: 5 });
  await using camera = await startCamera({ file, loop: false });
  const calls = new Calls();
  await using stream = new VideoStream(camera.url, {
    ...QUICK,
    ...calls.options,
    reconnect: { delay: 300 },
  });
  const follower = new Follower(stream);
  await until("a disconnection", () => calls.disconnects.length === 1);
  assertEquals([stream.state, stream.lastError?.code], ["reconnecting", "END_OF_STREAM"]);
  await until("another connection", () => calls.connects === 2);
  await follower.more(1);
  assertEquals(follower.last?.connection, 2);
  follower.assertIncreasing();
});

test("a flapping line leaves nothing behind", LIMIT, async () => {
  await using camera = await startCamera(SMALL);
  await using proxy = await startProxy({ targetPort: camera.port });
  await warmUp();
  const calls = new Calls();
  await using stream = new VideoStream(proxy.url, {
    ...QUICK,
    ...calls.options,
    transport: "tcp",
    reconnect: { delay: 20 },
  });
  const follower = new Follower(stream);
  await follower.more(2);
  const before = holdings();
  for (let cut = 1; cut <= 10; cut++) {
    proxy.cut();
    await until(`connection ${cut + 1}`, () => calls.connects === cut + 1);
    await follower.more(1);
  }
  await assertBack(before);
  follower.assertIncreasing();
  assertEquals(follower.last?.connection, 11);
  assertEquals([calls.connects, calls.disconnects.length, stream.reconnectCount], [11, 10, 10]);
});
