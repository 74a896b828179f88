/** Publishing for a while to a server that comes and goes: nothing grows, nothing stays. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { VideoStream, type WriterStats } from "../../../mod.ts";
import { startScript } from "../../support/process.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { within } from "../../support/waiting.ts";
import { type Holdings, QUICK } from "../lifecycle.ts";
import { assertAddsUp } from "../writing.ts";

/** A connection counts when it has lasted for 2.5 seconds: each lasts for about four. */
const DURATION = 18_000;
const RESTARTS = 3;
const FIXTURE = fileURLToPath(new URL("../fixtures/write_soak.ts", import.meta.url));

interface Soak {
  offered: number;
  slowest: number;
  longestQueue: number;
  connects: number;
  disconnects: number;
  stats: WriterStats;
  close: number;
  fault: string | null;
  before: Holdings;
  early: Holdings & { rss: number };
  late: Holdings & { rss: number };
  after: Holdings;
}

test(
  "a writer outlives its server many times, and does not grow",
  { timeout: 60_000 },
  async () => {
    let server = await startRtmpServer();
    await using stack = new AsyncDisposableStack();
    stack.use(server);
    const url = server.url("live");
    await using stream = new VideoStream(url, { ...QUICK, reconnect: { delay: 100 } });
    // A process of its own: what the test runner does is not counted.
    await using child = startScript(FIXTURE, [url, `${DURATION}`]);
    await child.until("connection", () => child.stdout.includes("READY") || undefined);
    const watching = (async () => {
      let frames = 0;
      for await (const { corrupt } of stream) if (!corrupt) frames++;
      return frames;
    })();
    const begin = performance.now();
    for (let restart = 1; restart <= RESTARTS; restart++) {
      await sleep(begin + restart * DURATION / (RESTARTS + 1) - performance.now());
      await server.kill();
      await sleep(600);
      server = stack.use(await startRtmpServer({ port: server.port }));
    }
    const { code } = await within("end of the publisher", child.exited, 30_000);
    await stream.stop();
    const frames = await watching;
    assertEquals(code, 0, child.stdout + child.stderr);
    const about = child.stdout.trim().split("\n").at(-1) ?? "";
    const soak: Soak = JSON.parse(about);
    assertEquals(soak.fault, null);
    assertEquals([soak.connects, soak.disconnects], [RESTARTS + 1, RESTARTS], about);
    assertGreaterOrEqual(soak.stats.reconnects, RESTARTS, about);
    assertAddsUp(soak.stats, soak.offered);
    assertGreater(soak.stats.written, soak.offered * 0.5, about);
    assertLessOrEqual(soak.stats.dropped.lost, RESTARTS * 6, about);
    assertLessOrEqual(soak.longestQueue, 4, about);
    assertLess(soak.slowest, 500, about);
    assertLess(soak.late.rss - soak.early.rss, 40e6, about);
    assertLessOrEqual(soak.late.threads, soak.early.threads + 4, about);
    assertLessOrEqual(soak.late.fds, soak.early.fds, about);
    // An encoder's threads may have the name of the thread that made them.
    assertEquals([soak.before.workers, soak.after.workers], [0, 0], about);
    assertLessOrEqual(soak.late.workers, soak.early.workers, about);
    assertLess(soak.close, 2_000, about);
    // Its viewers see it again after every restart.
    assertGreater(frames, 80, about);
    assert(stream.reconnectCount >= RESTARTS, `${stream.reconnectCount} reconnects of the reader`);
  },
);
