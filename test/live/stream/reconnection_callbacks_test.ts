/** Callbacks of a connection that is lost and made again. */

import { assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { runScript } from "../../support/process.ts";
import { until } from "../../support/waiting.ts";
import { Follower, QUICK, SMALL_CAMERA, StatusLog } from "../lifecycle.ts";
import { SLOW } from "../reading.ts";
import { AGAIN, LOOK, startRefuser } from "./reconnecting.ts";

test("an async callback that rejects is logged and does not end the program", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  const script = fileURLToPath(new URL("../fixtures/rejecting_callback.ts", import.meta.url));
  const { code, stdout, stderr } = await runScript(script, [camera.url], { timeout: 10_000 });
  assertEquals(code, 0, stdout + stderr);
  assertMatch(stdout, /error: .*onConnect.*rejected by the program[^]*frames after it/);
});

test("stop() from within a callback is obeyed", SLOW, async () => {
  await using server = await startRefuser();
  await using camera = await startCamera(SMALL_CAMERA);
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
  await until("a stop of the refused one", () => server.connections === 1 + LOOK);
  await sleep(300);
  assertEquals([lost.state, lost.reconnectCount], ["stopped", 0]);
  assertEquals(recordings[1]!.story, "connecting connected disconnected stopped");
  assertEquals([refused.state, refused.reconnectCount], ["stopped", 0]);
  assertEquals(recordings[0]!.story, "connecting stopped");
});

test("a camera may come back with another size and another codec", SLOW, async () => {
  const first = await startCamera(SMALL_CAMERA);
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
