/** Data flows and nothing is delivered: that is no silence, and no stall before its time. */

import { assertEquals, assertGreater, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { test } from "node:test";
import { VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { cameraH264, longGop } from "../../support/elementary.ts";
import { until, within } from "../../support/waiting.ts";
import { loss, startWrongCamera, type WrongCameraOptions } from "../../support/wrong_camera.ts";
import { Notes, StatusLog } from "../lifecycle.ts";
import { GRAY, SLOW, streamError } from "../reading.ts";

const SECOND = 25;

/** A camera, a stream that reads it once, and all that is said about it. */
async function watch(camera: WrongCameraOptions, options: VideoStreamOptions) {
  const server = await startWrongCamera(camera);
  const notes = new Notes();
  const stream = new VideoStream(server.url, {
    ...GRAY,
    reconnect: { maxAttempts: 0 },
    logger: notes,
    ...options,
  });
  const log = new StatusLog(stream);
  return {
    stream,
    log,
    notes,
    async [Symbol.asyncDispose]() {
      await stream.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("a keyframe that comes every 30 seconds is waited for longer than a stall", SLOW, async () => {
  // The next one comes after 8 seconds.
  const camera = { footage: await longGop(), fps: 10, start: 220 };
  await using rig = await watch(camera, { stallTimeout: 2_000, readTimeout: 2_000 });
  const { stream, log, notes } = rig;
  const waiting = until("a word about it", () => log.of("waiting")[0]);
  const frame = await within("the first frame", stream.next(), 30_000);
  // On a busy machine the next one may be the newest already.
  assertEquals(frame.keyframe, frame.index === 0);
  const { waiting: what, waited } = await waiting;
  assertEquals(what, "keyframe");
  assertGreaterOrEqual(waited, 2_000);
  await until("the end of it", () => log.of("resumed")[0] && log.of("connected")[0]);
  const { dropped, stalls, waiting: now } = stream.stats();
  assertEquals([stalls, now, dropped.corrupt], [0, undefined, 0]);
  // 80 pictures; a busy machine may have begun with a later one.
  assertGreater(dropped.beforeKeyframe, 40);
  assertEquals(notes.find(/no frame was delivered for \d+ ms: waiting for a keyframe$/).length, 1);
  const lines = notes.find(/frames? (was|were) not delivered: before the first keyframe$/);
  assertGreater(lines.length, 2);
  const seconds = (log.of("resumed")[0]!.time - log.of("connecting")[0]!.time) / 1_000;
  assertGreaterOrEqual(seconds + 2, lines.length);
});

test("with decode.skip, what is between keyframes is no stall either", SLOW, async () => {
  const footage = await cameraH264({ extra: ["-x264-params", "keyint=100:scenecut=0"] });
  await using rig = await watch({ footage }, {
    stallTimeout: 2_000,
    decode: { skip: "nonkey" },
  });
  const { stream, log } = rig;
  for (let frames = 0; frames < 3; frames++) {
    assertEquals((await within("a keyframe", stream.next(), 20_000)).keyframe, true);
  }
  assertEquals([stream.stats().stalls, stream.reconnectCount], [0, 0]);
  assertEquals(new Set(log.of("waiting").map(({ waiting }) => waiting)), new Set(["keyframe"]));
});

test("pictures that are all damaged are reported, and are a stall in the end", SLOW, async () => {
  const footage = await longGop({ frames: 300 });
  const camera = { footage, fps: SECOND, fates: loss.pictures(20) };
  await using rig = await watch(camera, { stallTimeout: 2_000, keyframeTimeout: 5_000 });
  const { stream, log, notes } = rig;
  await stream.start().ready;
  const error = await streamError(
    "the end",
    (async () => {
      for await (const { corrupt } of stream) assertEquals(corrupt, false);
    })(),
    30_000,
  );
  assertEquals([error.code, error.operation], ["STALLED", "read"]);
  assertMatch(error.message, /: stalled, all frames were damaged for 5000 ms$/);
  await log.ended;
  assertEquals(log.story, "connecting connected waiting stalled disconnected failed");
  assertEquals(log.of("waiting").map(({ waiting }) => waiting), ["undamaged frame"]);
  const { dropped, decoded, losses } = stream.stats();
  assertGreater(dropped.corrupt, 50);
  assertGreaterOrEqual(decoded, dropped.corrupt);
  assertGreater(losses, 0);
  assertGreater(notes.find(/frames? (was|were) not delivered: damaged$/).length, 2);
});
