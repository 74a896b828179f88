/** Every codec of a camera over every transport, and what a stream says of itself. */

import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoStream } from "../../../mod.ts";
import { type Camera, type CameraOptions, startCamera } from "../../support/camera.ts";
import { isRising } from "../../support/numbers.ts";
import { freeUdpPort } from "../../support/port.ts";
import { within } from "../../support/waiting.ts";
import { assertColour, AT_ONCE, failureOf, look, SLOW, SMALL } from "../reading.ts";

const CAMERAS: (CameraOptions & { codec: "h264" | "hevc" | "mjpeg"; height: number })[] = [
  { ...SMALL, codec: "h264" },
  { ...SMALL, codec: "hevc" },
  // RTP knows heights of JPEG only as multiples of 8.
  { ...SMALL, codec: "mjpeg", height: 176 },
];

for (const options of CAMERAS) {
  test(`frames of a camera with ${options.codec} arrive over TCP and UDP`, SLOW, async () => {
    await Promise.all([assertFrames(options, "tcp"), assertFrames(options, "udp")]);
  });
}

async function assertFrames(options: typeof CAMERAS[0], transport: "tcp" | "udp") {
  await using camera = await startCamera({ ...options, keyInterval: 5, transports: [transport] });
  await using stream = new VideoStream(camera.url, { transport });
  const frames = await look(stream, 12);
  assertEquals(frames.length, 12);
  for (const { width, height, bytes } of frames) {
    assertEquals([width, height], [options.width, options.height]);
    assertEquals(bytes, width * height * 3);
  }
  assert(isRising(frames.map(({ index }) => index)), JSON.stringify(frames));
  const times = frames.map(({ pts }) => pts ?? NaN);
  assert(isRising(times), JSON.stringify(frames));
  const perFrame = (times[11]! - times[0]!) / (frames[11]!.index - frames[0]!.index);
  assertAlmostEquals(perFrame, 1 / 30, 0.01);
  assertEquals(stream.codec, options.codec);
  assertEquals([stream.frameWidth, stream.frameHeight], [options.width, options.height]);
  assertAlmostEquals(stream.fps ?? NaN, 30, 1);
  assertEquals(stream.reconnectCount, 0);
  assertEquals(camera.count("PLAY"), 1);
}

/**
 * A camera with one keyframe a second, and none more for whoever comes in
 * between: the encoder does not hear of it, for there is a network after it.
 */
async function startInflexibleCamera(codec: "h264" | "hevc"): Promise<Camera> {
  const [name, encoder] = codec === "h264"
    ? ["264", "x264enc threads=1"]
    : ["265", "x265enc option-string=bframes=0:pools=1:frame-threads=1:log-level=none"];
  const port = await freeUdpPort();
  const caps = `application/x-rtp,media=video,clock-rate=90000,encoding-name=H${name}`;
  const elements = [
    "videotestsrc is-live=true pattern=smpte",
    "video/x-raw,format=I420,width=320,height=180,framerate=30/1",
    `${encoder} speed-preset=ultrafast tune=zerolatency key-int-max=30`,
    `h${name}parse config-interval=-1`,
    `rtph${name}pay`,
    `udpsink host=127.0.0.1 port=${port} sync=false async=false` +
    ` udpsrc address=127.0.0.1 port=${port} caps="${caps}"`,
    `rtph${name}depay`,
    `h${name}parse config-interval=-1`,
    `rtph${name}pay name=pay0 pt=96`,
  ];
  return startCamera({ launch: `( ${elements.join(" ! ")} )`, shared: true });
}

for (const codec of ["h264", "hevc"] as const) {
  test(`whoever joins ${codec} between two keyframes sees a keyframe first`, SLOW, async () => {
    await using camera = await startInflexibleCamera(codec);
    await using early = new VideoStream(camera.url, { ffmpeg: AT_ONCE }).start();
    await within("first viewer", early.ready);
    // What came while it connected is of the past.
    await sleep(200);
    let sinceKeyframe = NaN;
    for await (const { keyframe } of early) {
      sinceKeyframe = keyframe ? 0 : sinceKeyframe + 1;
      if (sinceKeyframe === 3) break;
    }
    // As few frames as possible lie ready when it opens: the first must not be skipped.
    await using late = new VideoStream(camera.url, { ffmpeg: AT_ONCE });
    const first = await within("second viewer", late.next());
    assert(late.stats().dropped.beforeKeyframe > 0);
    // Another may be there before the first was taken, but the next keyframe is far away.
    assert(first.index === 0 ? first.keyframe : first.index < 20, `${first.index}`);
    // The decoder's fill for missing references is grey.
    assertColour(first, { name: "yellow", x: 68, y: 40 }, [255, 255, 0], 12);
    assertColour(first, { name: "cyan", x: 114, y: 40 }, [0, 255, 255], 12);
    assertColour(first, { name: "magenta", x: 205, y: 40 }, [255, 0, 255], 12);
  });
}

test("every frame of a live stream has a time, the first one too", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, fps: 10, keyInterval: 2 });
  await using stream = new VideoStream(camera.url, { ffmpeg: AT_ONCE });
  const frames = await look(stream, 5);
  assertEquals(frames.filter(({ pts }) => pts === undefined), []);
});

test("the sound of a camera is no hindrance", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, audio: "with", keyInterval: 5 });
  await using stream = new VideoStream(camera.url);
  assertEquals((await look(stream, 5)).length, 5);
  assertEquals(stream.codec, "h264");
});

test("UDP is used where a server refuses TCP", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 5, transports: ["udp"] });
  await using stream = new VideoStream(camera.url, { transport: "auto" });
  assertEquals((await look(stream, 3)).length, 3);
  assertEquals(stream.reconnectCount, 0);
});

test("a transport that was asked for and refused is an error", SLOW, async () => {
  await using udp = await startCamera({ ...SMALL, transports: ["udp"] });
  await using tcp = await startCamera({ ...SMALL, transports: ["tcp"] });
  const errors = await Promise.all([
    failureOf(udp.url, { transport: "tcp" }),
    failureOf(tcp.url, { transport: "udp" }),
  ]);
  for (const error of errors) {
    assertEquals(error.code, "REFUSED", error.message);
    assertStringIncludes(error.message, "Cannot open rtsp://127.0.0.1");
  }
});

test("whoever has the first frame has a stream that is connected", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 5 });
  let connects = 0;
  await using stream = new VideoStream(camera.url, { onConnect: () => void connects++ });
  await within("first frame", stream.next());
  assertEquals([stream.state, stream.isConnected, connects], ["streaming", true, 1]);
});

test("a stream tells its state before, during and after", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 5 });
  const stream = new VideoStream(camera.url);
  const summary = () => [stream.state, stream.isConnected, stream.codec, stream.frameWidth];
  assertEquals(summary(), ["idle", false, undefined, undefined]);
  assertEquals([stream.fps, stream.frameHeight, stream.read()], [undefined, undefined, null]);
  assertEquals(camera.count("CONNECT"), 0);

  assert(stream.start() === stream);
  assert(stream.start() === stream);
  assertEquals([stream.state, stream.isConnected, stream.read()], ["connecting", false, null]);
  await within("ready", stream.ready);
  assertEquals(summary(), ["streaming", true, "h264", 320]);
  assert(stream.read() !== null);
  assertEquals(camera.count("CONNECT"), 1);

  await within("stop", stream.stop());
  assertEquals([stream.state, stream.isConnected, stream.read()], ["stopped", false, null]);
  assertEquals(stream.lastError, undefined);
});
