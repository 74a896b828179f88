/** Cameras whose frames are known to arrive later than those of others. */

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import { StreamGroup } from "../../../mod.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { median } from "../../support/numbers.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { within } from "../../support/waiting.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { SLOW } from "../reading.ts";
import { told } from "../stream/capture_times.ts";

/** How far apart the frames of sets were taken, by the cameras' clocks, and how far they say. */
async function skewsOf(
  members: { near: string; far: string },
  delays: Readonly<Record<string, number>>,
) {
  await using rig = new StreamGroup(members, { maxWait: 400, delays });
  const taken: number[] = [];
  const claimed: number[] = [];
  const read = async () => {
    for await (const { frames: { near, far }, skew, timeSource, delays: known } of rig) {
      assertEquals([timeSource, known], ["arrival", delays]);
      if (near.timeSource !== "rtcp" || far.timeSource !== "rtcp") continue;
      taken.push(Math.abs(near.captureTime - far.captureTime));
      claimed.push(skew);
      if (taken.length === 50) break;
    }
  };
  await within("sets", read(), 30_000);
  return { taken: median(taken), claimed: median(claimed) };
}

told("a known delay is taken off the arrival, and the set says so", SLOW, async () => {
  const recipe = { footage: await cameraH264(), live: true, reports: { every: 500 } };
  await using one = await startWrongCamera(recipe);
  await using other = await startWrongCamera(recipe);
  await using proxy = await startProxy({ targetPort: other.port });
  proxy.delay(300);
  const members = { near: one.url, far: other.url.replace(`:${other.port}`, `:${proxy.port}`) };
  const [blind, known] = await Promise.all([
    skewsOf(members, {}),
    skewsOf(members, { far: 300 }),
  ]);
  // By arrival alone, what is claimed is not what was.
  assertGreater(blind.taken, 200);
  assertLess(blind.claimed, 100);
  assertLess(known.taken, 100);
  assertLess(known.claimed, 100);
});

test("a delay of a camera that does not exist harms nobody", SLOW, async () => {
  await using camera = await startWrongCamera({ footage: await cameraH264() });
  await using rig = new StreamGroup({ only: camera.url }, { delays: { other: 50 } });
  const set = await within("a set", rig.next());
  assertEquals(set.delays, {});
});
