/** Publishing by RTSP, by MPEG-TS over UDP and by SRT. */

import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
} from "@std/assert";
import { test } from "node:test";
import { VideoStream, type VideoStreamOptions, VideoWriter } from "../../../mod.ts";
import { startRecordServer } from "../../support/gst_record_server.ts";
import { isRising } from "../../support/numbers.ts";
import { readCounter } from "../../support/patterns.ts";
import { freePort, freeUdpPort } from "../../support/port.ts";
import { psnr } from "../../support/scene.ts";
import { until, within } from "../../support/waiting.ts";
import { QUICK } from "../lifecycle.ts";
import { AT_ONCE, SLOW } from "../reading.ts";
import {
  assertAddsUp,
  ending,
  FAITHFUL,
  listens,
  LiveSource,
  publishFailure,
  scene,
  SMALL_RGB,
  together,
} from "../writing.ts";

const LIVE = { ...SMALL_RGB, gop: 10, reconnect: { delay: 100 } } as const;
/** The transports, each with codecs that are published at the same time. */
const WAYS = [
  ["tcp", ["h264", "hevc"]],
  ["tcp", ["mjpeg"]],
  ["udp", ["h264", "mpeg4"]],
] as const;
/** What goes into MPEG-TS. */
const TS_CODECS = ["h264", "hevc", "mpeg4"] as const;

/** Fails unless these are pictures of the scene, in order, as good as they were written. */
function assertScene(pictures: readonly { rgb: Uint8Array }[], about: string): void {
  const numbers = pictures.map(({ rgb }) => readCounter(rgb, SMALL_RGB.width, SMALL_RGB.height, 3));
  assert(numbers.every((number) => number !== undefined), `${about}: ${numbers}`);
  assert(isRising(numbers.map(Number)), `${about}: ${numbers}`);
  pictures.forEach(({ rgb }, i) => {
    const sent = scene.picture(Number(numbers[i]));
    // RTP counts the lines of a JPEG in eights (RFC 2435, 3.1.6).
    const lines = rgb.subarray(0, sent.length);
    assertGreater(psnr(lines, sent), FAITHFUL, `${about}: ${numbers[i]}`);
  });
}

/** Reads so many frames of the scene. */
async function watch(
  stream: VideoStream,
  count: number,
): Promise<{ rgb: Uint8Array; pts: number }[]> {
  const pictures: { rgb: Uint8Array; pts: number }[] = [];
  const read = async () => {
    for await (const { data, pts } of stream) {
      pictures.push({ rgb: data.slice(), pts: pts ?? NaN });
      if (pictures.length === count) return;
    }
  };
  await within(`${count} frames of ${stream.url}`, read(), 8_000);
  return pictures;
}

for (const [transport, codecs] of WAYS) {
  test(
    `GStreamer's RTSP server records ${codecs.join(" and ")} over ${transport}`,
    SLOW,
    () =>
      together<typeof codecs[number]>(codecs, async (codec) => {
        await using server = await startRecordServer({ codec, transports: [transport] });
        await using writer = new VideoWriter(server.url, { ...LIVE, codec, transport });
        await using source = new LiveSource(writer);
        await within("ready", writer.ready);
        await until("recorded pictures", () => server.times.length >= 20, 5_000);
        source.end();
        await within("flush", writer.flush());
        assertAddsUp(writer.stats(), source.count);
        await within("end", writer.close());
        assertEquals([writer.state, writer.reconnectCount, writer.lastError], [
          "stopped",
          0,
          undefined,
        ]);
        await until("a goodbye", () => server.count("TEARDOWN") === 1);
        assertEquals(server.events.slice(0, 5), [
          "CONNECT",
          "OPTIONS",
          "ANNOUNCE",
          "SETUP",
          "RECORD",
        ]);
        assertScene(await server.pictures(), `${codec} over ${transport}`);
        // The publisher's steps, however late a packet was.
        assert(isRising(server.times), server.times.join(" "));
        const span = server.times[server.times.length - 1]! - server.times[0]!;
        assertGreater(span, server.times.length / 30 * 0.6);
      }),
  );
}

test("a server that is killed and started again records again", SLOW, async () => {
  const first = await startRecordServer();
  await using _first = first;
  let connects = 0;
  const lost: string[] = [];
  await using writer = new VideoWriter(first.url, {
    ...LIVE,
    onConnect: () => void connects++,
    onDisconnect: ({ code }) => void lost.push(code),
  });
  await using source = new LiveSource(writer);
  await until("recorded pictures", () => first.times.length >= 5);
  await first.kill();
  await until("a disconnection", () => lost.length === 1);
  assertArrayIncludes(["END_OF_STREAM", "REFUSED"], lost);
  await using second = await startRecordServer({ port: first.port });
  await until("recorded pictures again", () => second.times.length >= 5);
  source.end();
  assertEquals([connects, lost.length, writer.state], [2, 1, "streaming"]);
  assertScene(await second.pictures(), "after the restart");
});

test("a server that does not take the transport refuses it, once for all", SLOW, async () => {
  await using server = await startRecordServer({ transports: ["tcp"] });
  const error = await publishFailure(server.url, { transport: "udp" });
  assertEquals([error.operation, server.count("RECORD")], ["open", 0], error.message);
});

test("an address that nothing is recorded at is an error", SLOW, async () => {
  await using server = await startRecordServer();
  const error = await publishFailure(server.url.replace("/record", "/nothing"));
  assertEquals([error.code, error.operation], ["NOT_FOUND", "open"], error.message);
});

test(
  "publishing with a password, basic and digest",
  SLOW,
  () =>
    together(["basic", "digest"] as const, async (scheme) => {
      const [username, password] = ["operator", "p@s#s:w/o%rd"];
      await using server = await startRecordServer({ auth: { scheme, username, password } });
      const refused = await publishFailure(server.url, { username, password: "another" });
      assertEquals([refused.code, refused.retryable], ["AUTH_FAILED", false], refused.message);
      const missing = await publishFailure(server.url);
      assertEquals(missing.code, "AUTH_FAILED", missing.message);
      await using writer = new VideoWriter(server.url, { ...LIVE, username, password });
      await using _source = new LiveSource(writer);
      await until("recorded pictures", () => server.times.length >= 5);
      assertMatch(writer.url, /^rtsp:\/\/\*+@127/);
    }),
);

/** How a VideoStream waits for a publisher. */
const LISTENING: VideoStreamOptions = {
  ffmpeg: { format: { ...AT_ONCE.format, rtsp_flags: "listen" } },
  reconnect: { delay: 50 },
};

for (const [transport, codecs] of WAYS) {
  test(
    `a VideoStream that listens sees ${codecs.join(" and ")} over ${transport}`,
    SLOW,
    () =>
      together<typeof codecs[number]>(codecs, async (codec) => {
        const port = await freePort();
        const url = `rtsp://127.0.0.1:${port}/live`;
        await using stream = new VideoStream(url, LISTENING).start();
        await until("a listening reader", () => listens(port));
        await using writer = new VideoWriter(url, { ...LIVE, codec, transport });
        await using source = new LiveSource(writer);
        const pictures = await watch(stream, 20);
        source.end();
        assertScene(pictures, `${codec} over ${transport}`);
        assert(isRising(pictures.map(({ pts }) => pts)));
        assertEquals([stream.codec, writer.state], [codec, "streaming"]);
      }),
  );
}

test(
  "a reader that is there before the writer, and stays when another one comes",
  SLOW,
  async () => {
    const port = await freePort();
    const url = `rtsp://127.0.0.1:${port}/live`;
    await using stream = new VideoStream(url, LISTENING).start();
    await until("a listening reader", () => listens(port));
    for (const connection of [1, 2]) {
      await using writer = new VideoWriter(url, LIVE);
      await using _source = new LiveSource(writer);
      await watch(stream, 5);
      assertEquals((await within("a frame", stream.next())).connection, connection);
      await within("end", writer.close());
      await until("a reader that listens again", () => listens(port));
    }
  },
);

test("MPEG-TS over UDP", SLOW, () =>
  together(TS_CODECS, async (codec) => {
    const port = await freeUdpPort();
    const url = `udp://127.0.0.1:${port}`;
    await using stream = new VideoStream(url, { ...QUICK, socketBufferSize: 1 << 20 }).start();
    await until("a listening reader", () => listens(port, "udp"));
    await using writer = new VideoWriter(url, { ...LIVE, codec });
    await using source = new LiveSource(writer);
    await within("ready", writer.ready);
    const pictures = await watch(stream, 20);
    source.end();
    assertScene(pictures, codec);
    assert(isRising(pictures.map(({ pts }) => pts)));
    await within("flush", writer.flush());
    assertAddsUp(writer.stats(), source.count);
    assertEquals([writer.state, writer.reconnectCount, stream.codec], ["streaming", 0, codec]);
  }));

test(
  "a reader that comes in mid-stream sees whole pictures only",
  SLOW,
  () =>
    together(TS_CODECS, async (codec) => {
      const url = `udp://127.0.0.1:${await freeUdpPort()}`;
      await using writer = new VideoWriter(url, { ...LIVE, codec, gop: 25 });
      await using _source = new LiveSource(writer);
      await until("pictures", () => writer.stats().written > 5);
      await using stream = new VideoStream(url, QUICK);
      assertScene(await watch(stream, 5), codec);
    }),
);

test("over UDP nobody has to listen", SLOW, async () => {
  await using writer = new VideoWriter(`udp://127.0.0.1:${await freeUdpPort()}`, LIVE);
  await using source = new LiveSource(writer);
  await within("ready", writer.ready);
  await until("pictures", () => writer.stats().written > 20);
  source.end();
  await within("end", writer.close());
  assertEquals([writer.state, writer.reconnectCount], ["stopped", 0]);
});

test("SRT, and again when the reader was away", SLOW, async () => {
  const port = await freePort();
  const read = () => new VideoStream(`srt://127.0.0.1:${port}?mode=listener`, QUICK).start();
  let connects = 0;
  const writer = new VideoWriter(`srt://127.0.0.1:${port}`, {
    ...LIVE,
    onConnect: () => void connects++,
  });
  await using _end = ending(writer);
  await using source = new LiveSource(writer);
  for (const connection of [1, 2]) {
    await using stream = read();
    const pictures = await watch(stream, 15);
    assertScene(pictures, `connection ${connection}`);
    assert(isRising(pictures.map(({ pts }) => pts)));
    assertEquals([connects, writer.state], [connection, "streaming"]);
    await within("stop", stream.stop());
    await until("a disconnection", () => writer.state === "reconnecting");
  }
  source.end();
  assertLess(writer.stats().queue, 5);
});
