/** The capture time is when the camera took the picture, by its own pixels. */

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import { VideoStream } from "../../../mod.ts";
import { median } from "../../support/numbers.ts";
import { startStampCamera } from "../../support/stamp_camera.ts";
import { SLOW } from "../reading.ts";
import { STAMPED } from "../rigs.ts";
import {
  assertArrival,
  assertReported,
  assertSteady,
  silent,
  TOLD,
  told,
  untilTold,
} from "./capture_times.ts";

for (const codec of ["h264", "hevc"] as const) {
  for (const latency of ["lowest", "normal"] as const) {
    told(
      `the capture time is what the camera's clock was: ${codec}, ${latency}`,
      SLOW,
      async () => {
        await using camera = await startStampCamera({ ...STAMPED, codec });
        await using stream = new VideoStream(camera.url, { latency, format: "gray8" });
        const { before, after } = assertReported(await untilTold(stream));
        assertGreater(before.length, 0);
        const errors = after.flatMap(({ capture, stamp }) => stamp === null ? [] : capture - stamp);
        assertGreater(errors.length, TOLD / 2);
        assertLess(Math.abs(median(errors)), 15, errors.join(" "));
        assertSteady(after);
        assertEquals(stream.stats().latency.mode, latency === "lowest" ? "early" : "parser");
      },
    );
  }
}

if (silent) {
  test("frames of a camera have the time of their arrival with this FFmpeg", SLOW, async () => {
    await using camera = await startStampCamera(STAMPED);
    await assertArrival(camera.url);
  });
}
