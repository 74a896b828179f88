/** The RTSP client of this package: what it reads, what it sees of losses, when it gives way. */

import { assert, assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { type Frame, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { type CameraOptions, startCamera } from "../../support/camera.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { type Fate, type RtpPacket, startRtpProxy } from "../../support/rtp_proxy.ts";
import { startTlsFront } from "../../support/tls_front.ts";
import { timed, until, within } from "../../support/waiting.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { Notes } from "../lifecycle.ts";
import { failureOf, firstFrame, look, SLOW, SMALL, TemporaryDirectory } from "../reading.ts";
import { AS_DECODED, describe, Footage, GROUP, sight } from "./footage.ts";

const OWN = { rtspClient: "own" } as const;
const AUTO = { rtspClient: "auto" } as const;
const LIMIT = { timeout: 60_000 };

for (const codec of ["h264", "hevc"] as const) {
  for (const transport of ["tcp", "udp"] as const) {
    for (const bframes of codec === "h264" ? [0, 2] : [0]) {
      const what = `${codec} over ${transport}${bframes ? " with B-frames" : ""}`;
      test(`${what}: all pictures are as they were sent`, LIMIT, async () => {
        const footage = await Footage.make({ codec, bframes, slices: 2 });
        await using camera = await footage.camera();
        const options = { ...AS_DECODED, ...OWN, transport, socketBufferSize: 4_000_000 };
        await using stream = new VideoStream(camera.url, options);
        const seen = await sight(stream, footage, ({ number }) => number >= 60);
        assertEquals(seen.filter(({ exact }) => !exact).map(describe), []);
        assertGreater(seen.length, 20);
        assertEquals(stream.stats().transport, {
          client: "own",
          protocol: transport,
          reason: undefined,
        });
        assertEquals([stream.codec, stream.stats().latency.mode], [codec, "early"]);
      });
    }
  }
}

test("MJPEG is as libavformat makes it", SLOW, async () => {
  const picture = async (options: VideoStreamOptions) => {
    await using camera = await startCamera({ ...SMALL, codec: "mjpeg", pattern: "smpte" });
    await using stream = new VideoStream(camera.url, options);
    const frame = await within("frame", stream.next());
    return { codec: stream.codec, data: frame.data.slice() };
  };
  assertEquals(await picture(OWN), await picture({ rtspClient: "libav" }));
});

/** Loses a packet of every tenth picture, in turn of its beginning, middle and end, or all of it. */
function loser(): (packet: RtpPacket) => Fate {
  const kinds = ["first", "middle", "last", "picture"] as const;
  const lost = new Set<number>();
  return ({ picture, slice, part }) => {
    if (picture % 10 !== 5) return "pass";
    const kind = kinds[Math.floor(picture / 10) % kinds.length];
    if (kind === "picture") return "lose";
    if (!slice || part !== kind || lost.has(picture)) return "pass";
    lost.add(picture);
    return "lose";
  };
}

for (const codec of ["h264", "hevc"] as const) {
  for (const transport of ["tcp", "udp"] as const) {
    test(
      `${codec} over ${transport}: every loss is seen, and no frame is damaged`,
      LIMIT,
      async () => {
        const footage = await Footage.make({ codec });
        await using camera = await footage.camera();
        await using proxy = await startRtpProxy({
          targetPort: camera.port,
          codec,
          decide: loser(),
        });
        const options = { ...AS_DECODED, ...OWN, transport, socketBufferSize: 4_000_000 };
        await using stream = new VideoStream(proxy.url, options);
        const seen = await sight(stream, footage, ({ number }) => number >= 130);
        assertEquals(seen.filter(({ exact }) => !exact).map(describe), []);
        const { rtp, losses } = stream.stats();
        // What the proxy has lost last has not been missed yet.
        if (transport === "tcp") assertLess(rtp.lost, proxy.lost + 1);
        assertGreater(rtp.lost, 10);
        assertGreater(losses, 8);
        // The groups after a loss are there again.
        const groups = new Set(seen.map(({ group }) => group));
        assertGreater(groups.size, 130 / GROUP - 4);
      },
    );
  }
}

test("damaged frames come, and are marked, where they are wanted", LIMIT, async () => {
  const footage = await Footage.make({ codec: "h264" });
  await using camera = await footage.camera();
  await using proxy = await startRtpProxy({
    targetPort: camera.port,
    codec: "h264",
    decide: loser(),
  });
  const options = { ...AS_DECODED, ...OWN, decode: { waitForKeyframe: false } };
  await using stream = new VideoStream(proxy.url, options);
  const seen = await sight(stream, footage, ({ number }) => number >= 80);
  assertEquals(seen.filter(({ exact, corrupt }) => !exact && !corrupt).map(describe), []);
  assertGreater(seen.filter(({ corrupt }) => corrupt).length, 0);
});

for (const scheme of ["basic", "digest"] as const) {
  test(`a password is told (${scheme})`, SLOW, async () => {
    const auth = { scheme, username: "user@home", password: "p/a ss:w@rd" };
    await using camera = await startCamera({ ...SMALL, auth });
    const { username, password } = auth;
    await using stream = new VideoStream(camera.url, { ...OWN, username, password });
    assertEquals((await look(stream, 2)).length, 2);
    const wrong = await failureOf(camera.url, { ...OWN, username, password: "wrong" });
    assertEquals([wrong.code, wrong.retryable], ["AUTH_FAILED", false]);
    const none = await failureOf(camera.url, OWN);
    assertEquals(none.code, "AUTH_FAILED");
  });
}

test("a camera that takes a password by SHA-256 alone", SLOW, async () => {
  const account = { username: "viewer", password: "secret" };
  const footage = await cameraH264();
  const authentication = { ...account, schemes: ["sha-256"] as const };
  await using camera = await startWrongCamera({ footage, authentication });
  await using stream = new VideoStream(camera.url, { ...OWN, ...account });
  assertEquals((await look(stream, 2)).length, 2);
  const wrong = await failureOf(camera.url, { ...OWN, ...account, password: "wrong" });
  assertEquals(wrong.code, "AUTH_FAILED");
});

test("a password goes along to another path, and never to another host", SLOW, async () => {
  const footage = await cameraH264();
  const account = { username: "viewer", password: "secret" };
  const told: (string | undefined)[] = [];
  await using other = await startWrongCamera({
    footage,
    answers: {
      OPTIONS: ({ headers }) => {
        told.push(headers.authorization);
        return "right";
      },
    },
  });
  for (const [location, follows] of [["/moved", true], ["other", false]] as const) {
    const Location = follows ? location : other.url.replace("127.0.0.1", "localhost");
    await using camera = await startWrongCamera({
      footage,
      authentication: { ...account, schemes: ["basic"] },
      answers: {
        DESCRIBE: ({ headers, url }) => {
          if (!headers.authorization || url.endsWith("/moved")) return "right";
          return { status: 302, headers: { Location } };
        },
      },
    });
    if (follows) {
      await using stream = new VideoStream(camera.url, { ...OWN, ...account });
      assertEquals((await look(stream, 2)).length, 2);
      continue;
    }
    const error = await failureOf(camera.url, { ...OWN, ...account });
    assertEquals([error.code, error.retryable], ["PROTOCOL_BLOCKED", false], error.message);
    assertStringIncludes(error.message, "redirects to another host");
  }
  assertEquals(told, []);
});

test("a server that refuses TCP is asked for UDP", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, transports: ["udp"] });
  await using stream = new VideoStream(camera.url, OWN);
  assertEquals((await look(stream, 2)).length, 2);
  assertEquals(stream.stats().transport?.protocol, "udp");
  const refused = await failureOf(camera.url, { ...OWN, transport: "tcp" });
  assertEquals(refused.code, "REFUSED");
  assertStringIncludes(refused.message, 'refuses the transport "tcp"');
});

test("what it does not read, libavformat does within the same attempt", SLOW, async () => {
  const launch = "( videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=25/1" +
    " ! vp8enc deadline=1 keyframe-max-dist=10 ! rtpvp8pay name=pay0 pt=96 )";
  await using camera = await startCamera({ launch });
  const logger = new Notes();
  await using stream = new VideoStream(camera.url, { ...AUTO, logger });
  assertEquals((await look(stream, 2)).length, 2);
  assertEquals([stream.codec, stream.reconnectCount], ["vp8", 0]);
  const { transport } = stream.stats();
  assertEquals([transport?.client, transport?.reason], ["libav", "VP8 in RTP"]);
  assertEquals(logger.find(/libavformat reads it: VP8 in RTP/).length, 1);
  const refused = await failureOf(camera.url, OWN);
  assertEquals(refused.code, "UNSUPPORTED_CODEC");
  assertStringIncludes(refused.message, 'rtspClient: "libav" may');
});

for (
  const [what, options] of [
    ["native options", { ffmpeg: { format: { max_delay: 0 } } }],
    ["RTSP over HTTP", { transport: "http" }],
  ] as const
) {
  test(`${what} are libavformat's`, SLOW, async () => {
    await using camera = await startCamera(SMALL);
    await using stream = new VideoStream(camera.url, { ...AUTO, ...options });
    assertEquals((await look(stream, 2)).length, 2);
    assertEquals(stream.stats().transport?.client, "libav");
  });
}

test("rtsps is verified with every FFmpeg", SLOW, async () => {
  await using camera = await startWrongCamera({ footage: await cameraH264() });
  await using front = await startTlsFront(camera.port);
  const url = `rtsps://localhost:${front.port}/stream`;
  const caFile = front.certificate;
  for (const tls of [{ caFile }, { verify: false }]) {
    const logger = new Notes();
    await using stream = new VideoStream(url, { ...OWN, tls, logger });
    assertEquals((await look(stream, 2)).length, 2);
    assertEquals(stream.stats().transport?.protocol, "tls");
    assertEquals(logger.find(/is not verified/), []);
  }
  for (const tls of [undefined, { caFile, serverName: "elsewhere.example" }]) {
    const error = await failureOf(url, { ...OWN, tls });
    assertEquals([error.code, error.operation], ["TLS_FAILED", "open"], error.message);
    assertStringIncludes(error.message, "the server's certificate was not accepted");
  }
  const missing = await failureOf(url, { ...OWN, tls: { caFile: "no-such.pem" } });
  assertEquals(missing.code, "TLS_FAILED");
  assertStringIncludes(missing.message, "tls.caFile names a file that cannot be read");
});

test("the camera's clock tells when a picture was taken", SLOW, async () => {
  await using camera = await startCamera(SMALL);
  await using stream = new VideoStream(camera.url, OWN);
  await until("a report", async () => {
    const { timeSource, captureTime, arrivalTime } = await stream.next();
    if (timeSource !== "rtcp") return false;
    assertLess(Math.abs(captureTime - arrivalTime), 2_000);
    return true;
  });
});

test("a recording and a snapshot", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using camera = await startCamera({ ...SMALL, keyInterval: 5 });
  const path = directory.file("own.mp4");
  {
    await using stream = new VideoStream(camera.url, OWN);
    const recording = stream.record(path);
    await look(stream, 15);
    const image = await within("snapshot", stream.snapshot());
    assertEquals([...image.subarray(0, 2)], [0xff, 0xd8]);
    await recording.stop();
  }
  const frames: Frame[] = [];
  await using film = new VideoStream(path);
  for await (const frame of film) frames.push(frame.copy());
  assertGreater(frames.length, 5);
  assertEquals([frames[0]!.width, frames[0]!.height], [SMALL.width, SMALL.height]);
});

test("a camera that comes back is read again", SLOW, async () => {
  let camera = await startCamera(SMALL);
  const { port } = camera;
  await using stream = new VideoStream(camera.url, { ...OWN, reconnect: { delay: 100 } });
  assertEquals((await look(stream, 2)).length, 2);
  await camera[Symbol.asyncDispose]();
  camera = await startCamera({ ...SMALL, port });
  await using _ = camera;
  await until("another connection", async () => (await stream.next()).connection === 2);
  assertEquals(stream.lastError?.code === "END_OF_STREAM" || stream.reconnectCount > 0, true);
});

test("many streams share threads, and each ends by itself", LIMIT, async () => {
  await using camera = await startCamera({ width: 160, height: 90, fps: 10 });
  const streams = Array.from({ length: 12 }, () => new VideoStream(camera.url, OWN).start());
  try {
    await within("all", Promise.all(streams.map((stream) => stream.ready)), 40_000);
    const [first, ...others] = streams;
    await first!.stop();
    await until("a farewell", () => camera.count("TEARDOWN") === 1);
    for (const stream of others) assert((await within("frame", stream.next())).data.length > 0);
  } finally {
    await Promise.all(streams.map((stream) => stream.stop()));
  }
  await until("farewells", () => camera.count("TEARDOWN") === streams.length);
});

test("a stream that is given no time to end costs the others nothing", LIMIT, async () => {
  await using camera = await startCamera({ width: 160, height: 90, fps: 10 });
  const closeTimeouts = [0, ...Array.from({ length: 7 }, () => 2_000)];
  const streams = closeTimeouts.map((closeTimeout) =>
    new VideoStream(camera.url, { ...OWN, closeTimeout }).start()
  );
  const [first, ...others] = streams;
  try {
    await within("all", Promise.all(streams.map((stream) => stream.ready)), 40_000);
    await first!.stop();
    // As long as a thread that does not answer is waited for, and a while more.
    const end = performance.now() + 6_500;
    while (performance.now() < end) await Promise.all(others.map((stream) => stream.next()));
    assertEquals(others.map((stream) => [stream.reconnectCount, stream.isConnected]), [
      ...others.map(() => [0, true]),
    ]);
  } finally {
    await Promise.all(streams.map((stream) => stream.stop()));
  }
});

test("streams that wait for their turn to connect are stopped at once", LIMIT, async () => {
  await using server = await startWrongCamera({ answers: { all: "never" } });
  const logger = new Notes();
  const streams = Array.from({ length: 20 }, () => {
    return new VideoStream(server.url, { ...OWN, logger, openTimeout: 30_000 }).start();
  });
  await until("connections of two threads at least", () => server.connections >= 4);
  const took = await timed(Promise.all(streams.map((stream) => stream.stop())));
  assertLess(took, 1_900);
  assertEquals(logger.find(/did not end within/), []);
});

test("a keyframe is asked for where the camera takes requests", LIMIT, async () => {
  const options: CameraOptions = { ...SMALL, fps: 25, keyInterval: 1_000, feedback: true };
  await using camera = await startCamera({ ...options, shared: true });
  await using first = new VideoStream(camera.url, OWN);
  assertEquals((await look(first, 20)).length, 20);
  // Without a request, the next keyframe would come after 40 s.
  await firstFrame(camera.url, OWN);
});
