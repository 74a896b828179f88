/** Cameras whose pictures are not sent in the order, or not in the pieces, that is usual. */

import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { VideoStream } from "../../../mod.ts";
import { type CameraOptions, startCamera } from "../../support/camera.ts";
import { isRising } from "../../support/numbers.ts";
import { type Fate, type RtpPacket, startRtpProxy } from "../../support/rtp_proxy.ts";
import { within } from "../../support/waiting.ts";
import { look, SLOW, SMALL } from "../reading.ts";
import { AS_DECODED, describe, Footage, type Recipe, sight } from "./footage.ts";

/** Counts the pictures that are sent after one that is to be shown later. */
function watchOrder() {
  const order = { backward: 0 };
  let last: number | undefined;
  const decide = ({ timestamp }: RtpPacket): Fate => {
    // Times have 32 bits, and begin anywhere.
    if (last !== undefined && (timestamp - last | 0) < 0) order.backward++;
    last = timestamp;
    return "pass";
  };
  return { decide, order };
}

const RECIPES: Recipe[] = [
  { codec: "h264", bframes: 2 },
  { codec: "h264", slices: 3 },
  { codec: "h264", bframes: 2, slices: 3 },
  { codec: "hevc", bframes: 2 },
  { codec: "hevc", slices: 3 },
];

for (const recipe of RECIPES) {
  const { codec, bframes = 0, slices = 1 } = recipe;
  const name = `${codec} with ${bframes} B-frames and ${slices} slices`;
  test(`${name}: every picture comes, in order and whole`, SLOW, async () => {
    const footage = await Footage.make(recipe);
    await Promise.all([assertAll(footage, recipe, "lowest"), assertAll(footage, recipe, "normal")]);
  });
}

async function assertAll(footage: Footage, recipe: Recipe, latency: "lowest" | "normal") {
  const { codec, bframes = 0 } = recipe;
  const { decide, order } = watchOrder();
  await using camera = await footage.camera();
  await using proxy = await startRtpProxy({ targetPort: camera.port, codec, decide });
  await using stream = new VideoStream(proxy.url, { ...AS_DECODED, latency });
  const seen = await within("frame 90", sight(stream, footage, ({ index }) => index >= 90));
  assertEquals(order.backward > 0, bframes > 0, `${order.backward} times backward`);
  assertEquals(seen.filter(({ exact, corrupt }) => !exact || corrupt).map(describe), [], latency);
  assert(isRising(seen.map(({ pts }) => pts)), seen.map(({ pts }) => pts).join(" "));
  // A busy program skips frames, which the indexes tell; the decoder none.
  assertEquals(seen.map(({ number }) => number), seen.map(({ index }) => index));
  const { dropped, latency: { mode, wrongGuesses, fallbacks } } = stream.stats();
  assertEquals([dropped.corrupt, dropped.beforeKeyframe], [0, 0]);
  assertEquals([mode, wrongGuesses, fallbacks], [latency === "lowest" ? "early" : "parser", 0, 0]);
}

for (const codec of ["h264", "hevc"] as const) {
  test(`${codec} with B-frames of a live encoder: every picture comes in order`, SLOW, async () => {
    const { decide, order } = watchOrder();
    const options: CameraOptions = { ...SMALL, codec, bframes: 2, keyInterval: 12 };
    await using camera = await startCamera(options);
    await using proxy = await startRtpProxy({ targetPort: camera.port, codec, decide });
    await using stream = new VideoStream(proxy.url);
    const frames = await look(stream, 60);
    assertGreater(order.backward, 0);
    const [first] = frames;
    for (const { index, pts = NaN } of frames) {
      assertAlmostEquals(pts - (first!.pts ?? NaN), (index - first!.index) / 30, 0.001);
    }
    const { dropped, latency } = stream.stats();
    assertEquals([dropped.corrupt, dropped.beforeKeyframe, latency.mode], [0, 0, "early"]);
  });
}
