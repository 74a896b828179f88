/** Recordings of cameras whose times are wrong: every picture is there, and lasts as long as in life. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import { type Latency, VideoStream } from "../../../mod.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { isRising } from "../../support/numbers.ts";
import { probe } from "../../support/probe.ts";
import { within } from "../../support/waiting.ts";
import { startWrongCamera, times } from "../../support/wrong_camera.ts";
import type { Timestamps } from "../../support/wrong_camera/times.ts";
import { GRAY, SLOW, TemporaryDirectory } from "../reading.ts";

/** Pictures of the footage, with a keyframe each second. */
const COUNT = 100;
const FPS = 25;

const RIGHT = times.right();
const WRAPPING = times.wrapping();
/** The cameras tell how long pictures last, or only the arrivals do. */
const CAMERAS: Readonly<Record<"camera" | "arrival", Readonly<Record<string, Timestamps>>>> = {
  camera: {
    "are right": RIGHT,
    "wrap": WRAPPING,
    "are hours ahead now and then": times.ahead({ every: 40 }),
    "are hours behind now and then": times.behind({ every: 40 }),
    "jump an hour ahead": times.jump(),
    "begin anew": times.restart(),
  },
  arrival: {
    "have no fractions of seconds": times.wholeSeconds(),
    "stand still": times.frozen(),
    "go backwards": times.backwards(),
    "go ninety times too slow": times.rate(1 / 90),
  },
};

/** When the pictures of a recording arrived, in milliseconds. */
interface Arrivals {
  /** From the first to the last. */
  readonly life: number;
  /** By which one came later than its camera sent it, at most: the machine did something else. */
  readonly stall: number;
}

/** Records all that a camera sends. */
async function recordAll(
  timestamps: Timestamps,
  latency: Latency,
  paths: readonly string[],
): Promise<Arrivals> {
  const footage = await cameraH264();
  await using camera = await startWrongCamera({ footage, timestamps, end: "close" });
  const reconnect = { maxAttempts: 0 };
  await using stream = new VideoStream(camera.url, { ...GRAY, latency, reconnect });
  const recordings = paths.map((path) => stream.record(path));
  const arrivals: number[] = [];
  const read = async () => {
    try {
      for await (const { arrivalTime } of stream) arrivals.push(arrivalTime);
    } catch { /* The camera has hung up. */ }
  };
  await within("the end of the footage", read(), 30_000);
  await within("end", Promise.all(recordings.map(({ finished }) => finished)));
  assertEquals(recordings.map(({ files }) => files), paths.map((path) => [path]));
  for (const recording of recordings) {
    const { packets, mendedTimes, skipped } = recording.stats();
    assertEquals([packets, skipped], [COUNT, 0], String(paths));
    assertEquals(
      mendedTimes > 0,
      timestamps !== RIGHT && timestamps !== WRAPPING,
      `${mendedTimes} of ${paths}`,
    );
  }
  const waits = arrivals.slice(1).map((arrival, i) => arrival - arrivals[i]!);
  const stall = Math.max(0, ...waits.map((wait) => wait - 1_000 / FPS));
  return { life: arrivals.at(-1)! - arrivals[0]!, stall };
}

for (const latency of ["lowest", "normal"] as const) {
  for (const by of ["camera", "arrival"] as const) {
    test(`wrong times lose no picture: by ${by}, latency ${latency}`, SLOW, async () => {
      await using directory = await TemporaryDirectory.make();
      await Promise.all(
        Object.entries(CAMERAS[by]).map(async ([name, timestamps], number) => {
          const paths = ["mp4", "mkv"].map((kind) => directory.file(`${number}.${kind}`));
          const { life, stall } = await recordAll(timestamps, latency, paths);
          for (const path of paths) {
            const about = `times that ${name}: ${path}`;
            const { frames, pictures } = await probe(path);
            assertEquals([frames, pictures.length], [COUNT, COUNT], about);
            const decoded = pictures.map(({ dts }) => dts).filter((dts) => !Number.isNaN(dts));
            // Matroska has no decoding times.
            assert(path.endsWith("mkv") || isRising(decoded), `${about}: ${decoded}`);
            const span = pictures.at(-1)!.pts - pictures[0]!.pts;
            // Where times jump, the arrival tells how far apart two pictures are.
            const bound = 2 / FPS + stall / 1_000;
            if (by === "camera") assertAlmostEquals(span, (COUNT - 1) / FPS, bound, about);
            // With more latency, libav has looked at all of it before the first arrival.
            else if (latency === "lowest") assertAlmostEquals(span, life / 1_000, 0.5, about);
          }
        }),
      );
    });
  }
}

test("a raw file, which has no times, is recorded at its own frame rate", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const fps of [2, 100]) {
    const footage = await cameraH264({ name: `rate-${fps}`, fps, frames: 20 });
    await using stream = new VideoStream(footage, GRAY);
    const path = directory.file(`${fps}.mp4`);
    const recording = stream.record(path);
    for await (const _ of stream);
    await within("end", recording.finished);
    const { pictures } = await probe(path);
    assertEquals(pictures.length, 20, path);
    assertAlmostEquals(pictures.at(-1)!.pts - pictures[0]!.pts, 19 / fps, 0.5 / fps, path);
  }
});
