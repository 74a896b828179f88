/** Several streams for a while, and many at once: nothing grows, nothing stays. */

import { assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCamera } from "../../support/camera.ts";
import { runScript } from "../../support/process.ts";
import { startPublisher } from "../../support/publish.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { type Holdings, SMALL_CAMERA } from "../lifecycle.ts";

const LIMIT = { timeout: 60_000 };

interface Soak {
  growth: number;
  stop: number;
  faults: string[];
  results: Result[];
}

interface Result {
  age: number;
  taken: number;
  reconnects: number;
  decoded: number;
  dropped: { noBuffer: number; unread: number; corrupt: number };
  stalls: number;
}

interface Crowd {
  ready: number;
  stop: number;
  reconnects: number;
  before: Holdings;
  during: Holdings;
  after: Holdings;
}

/** A process of its own: what the test runner does is not counted. */
async function run<T>(name: string, args: string[]): Promise<T> {
  const script = fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));
  const { code, stdout, stderr } = await runScript(script, args, { timeout: 50_000 });
  assertEquals(code, 0, stdout + stderr);
  return JSON.parse(stdout);
}

test("four cameras and four readers: frames stay fresh, memory stays flat", LIMIT, async () => {
  await using one = await startCamera({ keyInterval: 5 });
  await using two = await startCamera({ keyInterval: 5 });
  await using three = await startCamera({ ...SMALL_CAMERA, codec: "hevc" });
  await using four = await startCamera({ ...SMALL_CAMERA, codec: "mjpeg" });
  const cameras = [one, two, three, four];
  const { growth, stop, faults, results } = await run<Soak>("soak", cameras.map(({ url }) => url));
  const about = JSON.stringify({ growth, stop, results });
  assertEquals(faults, []);
  for (const { age, decoded, reconnects, stalls, dropped } of results) {
    assertLess(age, 1_000, about);
    assertGreater(decoded, 8 * 20, about);
    assertEquals([reconnects, stalls, dropped.corrupt], [0, 0, 0], about);
  }
  const [loop, slow, next, read] = results as [Result, Result, Result, Result];
  for (const { taken, decoded, dropped } of [loop, next]) {
    assertGreater(taken, decoded * 0.8, about);
    assertEquals(dropped.noBuffer, 0, about);
  }
  for (const { taken, dropped } of [slow, read]) {
    assertLess(taken, 100, about);
    assertGreater(dropped.unread, 100, about);
  }
  assertLess(growth, 60e6, about);
  assertLessOrEqual(stop, 1_000, about);
});

test("thirty-two streams of one camera come and go without a trace", LIMIT, async () => {
  // GStreamer's RTSP server does not stand so many at the same moment; nginx does.
  await using server = await startRtmpServer();
  await using publisher = await startPublisher(server.url("one"), { width: 320, height: 180 });
  const result = await run<Crowd>("crowd", ["32", publisher.url]);
  const about = JSON.stringify(result);
  assertEquals(result.reconnects, 0, about);
  assertEquals([result.before.workers, result.during.workers, result.after.workers], [0, 32, 0]);
  // What L3 promises: at most two threads per stream.
  assertLessOrEqual(result.during.threads - result.before.threads, 2 * 32 + 8, about);
  assertLessOrEqual(result.stop, 2_000, about);
});
