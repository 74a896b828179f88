/** When a picture was taken: by the camera's clock where it tells it, else when it arrived. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { type CameraOptions, startCamera } from "../../support/camera.ts";
import { isRising, median } from "../../support/numbers.ts";
import { countingVideo } from "../../support/patterns.ts";
import { freeUdpPort } from "../../support/port.ts";
import { startPublisher } from "../../support/publish.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { within } from "../../support/waiting.ts";
import { AT_ONCE, SLOW, SMALL } from "../reading.ts";
import {
  assertArrival,
  assertReported,
  assertSteady,
  type Timed,
  timesOf,
  told,
  untilTold,
} from "./capture_times.ts";

/** Without a clock in their pixels. */
const CAMERAS: { what: string; recipe: CameraOptions; options?: VideoStreamOptions }[] = [
  { what: "MJPEG", recipe: { codec: "mjpeg", height: 176 } },
  { what: "UDP", recipe: {}, options: { transport: "udp" } },
  { what: "sound beside it", recipe: { audio: "with" } },
  { what: "several slices", recipe: { slices: 3 } },
  {
    what: "several slices and two threads",
    recipe: { slices: 3 },
    options: { decode: { threads: 2 } },
  },
  { what: "two threads", recipe: {}, options: { decode: { threads: 2 } } },
];
for (const { what, recipe, options } of CAMERAS) {
  told(`the camera's clock is known of a camera with ${what}`, SLOW, async () => {
    await using camera = await startCamera({ ...SMALL, keyInterval: 15, ...recipe });
    await using stream = new VideoStream(camera.url, options);
    const { after } = assertReported(await untilTold(stream));
    assertSteady(after);
    // The same machine: what lies between is the encoder and its order of pictures.
    const delay = median(after.map(({ arrival, capture }) => arrival - capture));
    assert(delay > -50 && delay < 1_000, `${delay} ms`);
  });
}

for (const latency of ["lowest", "normal"] as const) {
  told(
    `pictures that are sent in another order have their own times (${latency})`,
    SLOW,
    async () => {
      await using camera = await startCamera({ ...SMALL, keyInterval: 15, bframes: 2 });
      await using stream = new VideoStream(camera.url, { latency });
      const times = await untilTold(stream, 60);
      const first = times.findIndex(({ source }) => source === "rtcp");
      // Some that are shown later were sent before the report.
      const after = times.slice(first + 6);
      assertEquals(after.filter(({ source }) => source !== "rtcp"), []);
      assert(isRising(after.map(({ capture }) => capture)));
      assertSteady(after);
    },
  );
}

told("a connection does not know the camera's clock by the one before", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 15 });
  await using proxy = await startProxy({ targetPort: camera.port });
  await using stream = new VideoStream(proxy.url, { ffmpeg: AT_ONCE, reconnect: { delay: 50 } });
  assertReported(await untilTold(stream, 5));
  proxy.cut();
  const times: Timed[] = [];
  const read = async () => {
    for await (const frame of stream) {
      const time = timesOf(frame);
      if (time.connection === 2) times.push(time);
      if (times.length > 0 && times.at(-1)?.source === "rtcp") break;
    }
  };
  await within("clock of the second connection", read(), 25_000);
  const { before } = assertReported(times);
  assertGreater(before.length, 0);
});

told("a copy has the times of its frame", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 15 });
  await using stream = new VideoStream(camera.url);
  await untilTold(stream, 1);
  const frame = await within("frame", stream.next());
  assertEquals(timesOf(frame.copy()), timesOf(frame));
  assertEquals(frame.timeSource, "rtcp");
});

test("frames of a file have the time of their arrival", SLOW, async () => {
  const file = await countingVideo(40, { ...SMALL, bframes: 2 });
  await assertArrival(file);
  await assertArrival(file, { pace: true });
});

test("frames of a transport stream over UDP have the time of their arrival", SLOW, async () => {
  const url = `udp://127.0.0.1:${await freeUdpPort()}`;
  await using _publisher = await startPublisher(url, { ...SMALL, keyInterval: 5 });
  await assertArrival(url);
});

test("frames of RTMP have the time of their arrival", SLOW, async () => {
  await using server = await startRtmpServer();
  const url = server.url("camera");
  await using _publisher = await startPublisher(url, SMALL);
  await assertArrival(url);
});
