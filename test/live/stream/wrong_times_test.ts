/** `maxFps` and `stats().fps` of live streams with wrong times: a second is a second of life. */

import { assertAlmostEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { jpegs } from "../../support/odd_files.ts";
import { startWrongCamera, times, type WrongCameraOptions } from "../../support/wrong_camera.ts";
import { startWrongWeb } from "../../support/wrong_web.ts";
import { multipart } from "../../support/wrong_web/multipart.ts";
import { AT_ONCE, GRAY, SLOW } from "../reading.ts";
import { each } from "./thinned.ts";

const FIRST = 6;

/** How many of a stream's frames came a second, and how many it says that it has. */
async function rateOf(url: string, options: VideoStreamOptions, count: number) {
  await using stream = new VideoStream(url, { ...GRAY, ffmpeg: AT_ONCE, ...options });
  let measured = NaN;
  const arrivals = await each(stream, ({ arrivalTime }) => {
    measured = stream.stats().fps ?? NaN;
    return arrivalTime;
  }, count);
  // That its times are wrong is known after a second or two.
  const counted = arrivals.slice(FIRST);
  const seconds = (counted.at(-1)! - counted[0]!) / 1000;
  return { rate: (counted.length - 1) / seconds, measured, fps: stream.fps ?? NaN };
}

test("four pictures a second of multipart MJPEG, which libav takes for 25", SLOW, async () => {
  await using web = await startWrongWeb({ "/mj": multipart(await jpegs(), { fps: 4 }) });
  const all = await rateOf(web.at("/mj"), {}, 30);
  assertAlmostEquals(all.rate, 4, 0.5);
  assertAlmostEquals(all.measured, 4, 1);
  assertAlmostEquals(all.fps, 4, 1);
  const half = await rateOf(web.at("/mj"), { maxFps: 2 }, 12);
  assertAlmostEquals(half.rate, 2, 0.4);
});

test("stats().fps is near to two pictures a second after a few of them", SLOW, async () => {
  await using web = await startWrongWeb({ "/mj": multipart(await jpegs(), { fps: 2 }) });
  const { measured } = await rateOf(web.at("/mj"), { ffmpeg: {} }, 12);
  assertAlmostEquals(measured, 2, 1);
});

const WRONG: Readonly<Record<string, WrongCameraOptions>> = {
  "stand still": { timestamps: times.frozen() },
  "stand still, with reports": { timestamps: times.frozen(), reports: {} },
  "go backwards": { timestamps: times.backwards() },
  "go at half the speed": { timestamps: times.rate(0.5) },
  "are an hour ahead now and then": { timestamps: times.ahead({ seconds: 3_600, every: 20 }) },
  "have no fractions of seconds": { timestamps: times.wholeSeconds() },
};

test("maxFps: 5 of 25 frames of a camera whose times are wrong", SLOW, async () => {
  const footage = await cameraH264();
  await Promise.all(
    Object.entries(WRONG).map(async ([name, options]) => {
      await using camera = await startWrongCamera({ footage, ...options });
      const { rate, measured } = await rateOf(camera.url, { maxFps: 5 }, 26);
      assertAlmostEquals(rate, 5, 1, `times ${name}`);
      assertGreater(measured, 15, `times ${name}`);
    }),
  );
});
