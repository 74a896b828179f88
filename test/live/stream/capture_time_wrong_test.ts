/** Cameras that report times which do not go as fast as the clock. */

import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { type Frame, StreamGroup, VideoStream } from "../../../mod.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { until } from "../../support/waiting.ts";
import {
  SOUND,
  startWrongCamera,
  times,
  type WrongCameraOptions,
} from "../../support/wrong_camera.ts";
import { SLOW } from "../reading.ts";
import { timesOf, told, untilTold } from "./capture_times.ts";
import { each } from "./thinned.ts";

const reports = { every: 1_000 };
const WRONG: Readonly<Record<string, WrongCameraOptions>> = {
  "a stream that stands still": { timestamps: times.frozen(), reports },
  "a stream that stands still, with sound": {
    timestamps: times.frozen(),
    reports,
    after: [SOUND],
  },
  "a stream at half the speed": { timestamps: times.rate(0.5), reports },
  "a stream twice as fast": { timestamps: times.rate(2), reports },
  "a stream of whole seconds": { timestamps: times.wholeSeconds(), reports },
  "a stream that goes backwards": { timestamps: times.backwards(), reports },
  "no time in its reports": { reports: { ...reports, zero: true } },
  "a clock that goes too fast": { reports: { ...reports, rate: 1.5 } },
};

test("the time of the arrival counts where a camera's goes wrong", SLOW, async () => {
  const footage = await cameraH264();
  await Promise.all(
    Object.entries(WRONG).map(async ([name, options]) => {
      await using camera = await startWrongCamera({ footage, live: true, ...options });
      await using stream = new VideoStream(camera.url, { format: "gray8", width: 32, height: 18 });
      for (const { source, capture, arrival } of await each(stream, timesOf, 150)) {
        assertEquals([source, capture], ["arrival", arrival], name);
      }
    }),
  );
});

told("a camera that is right is believed, with sound and without", SLOW, async () => {
  const footage = await cameraH264();
  for (const after of [[], [SOUND]]) {
    await using camera = await startWrongCamera({ footage, live: true, reports, after });
    await using stream = new VideoStream(camera.url);
    for (const { source, capture, arrival } of (await untilTold(stream)).slice(-30)) {
      if (source === "rtcp") assertAlmostEquals(capture, arrival, 1_000);
    }
  }
});

test("a group by capture pairs cameras whose times stand still by arrival", SLOW, async () => {
  const recipe = { footage: await cameraH264(), live: true, timestamps: times.frozen(), reports };
  await using left = await startWrongCamera(recipe);
  await using right = await startWrongCamera(recipe);
  await using rig = new StreamGroup({ left: left.url, right: right.url }, { sync: "capture" });
  rig.start();
  const streams = rig.streams;
  await until("both", () => streams.left.isConnected && streams.right.isConnected);
  const first: number[] = [];
  const last: number[] = [];
  let sets = 0;
  for await (const set of rig) {
    const frames: readonly Frame[] = [set.frames.left, set.frames.right];
    assertEquals(set.timeSource, "arrival");
    assert(set.skew < 500, `${set.skew} ms`);
    const seen = sets === 0 ? first : last;
    seen.splice(0, 2, ...frames.map(({ index }) => index));
    if (++sets === 100) break;
  }
  // Nearly every picture is in a set.
  last.forEach((index, i) => assertGreater(100 / (index - first[i]! + 1), 0.6));
});
