/** What comes back may be another stream than the one that was lost. */

import { assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { startPublisher } from "../../support/publish.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { until } from "../../support/waiting.ts";
import { Calls, Follower, QUICK } from "../lifecycle.ts";
import { SLOW } from "../reading.ts";
import { AGAIN } from "./reconnecting.ts";

for (const codec of ["h264", "hevc"] as const) {
  test(
    `a connection that is cut is made again, and no frame is torn: ${codec}`,
    SLOW,
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

test("an RTMP publisher may leave and come back", SLOW, async () => {
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
  assertEquals([stream.state, calls.disconnects[0]!.code], ["reconnecting", "END_OF_STREAM"]);
  await using _again = await startPublisher(url, small);
  await until("another connection", () => calls.connects === 2);
  await follower.more(5);
  assertEquals(follower.last?.connection, 2);
  follower.assertIncreasing();
  assertEquals(calls.disconnects.length, 1);
});

test("the end of a live stream is a loss, not an end", SLOW, async () => {
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
