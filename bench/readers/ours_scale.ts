/** Many cameras in one process. Arguments: URL CAMERAS SECONDS. */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoStream } from "../../mod.ts";
import { epochNow } from "../clock.ts";
import { readStamp } from "../../test/support/stamp.ts";

/** Milliseconds from the last camera's first frame to the beginning of the measurement. */
const SETTLE = 2000;

const [url, cameras, seconds] = process.argv.slice(2);
const streams = Array.from({ length: Number(cameras) }, () => new VideoStream(url!));
let measuring = false;
let misread = 0;
const samples: number[] = [];

const begin = performance.now();
for (const stream of streams) stream.start();
const loops = streams.map(watch);
await Promise.all(streams.map(({ ready }) => ready));
const readyMs = performance.now() - begin;
await sleep(SETTLE);

measuring = true;
const cpu = process.cpuUsage();
const start = performance.now();
await sleep(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(cpu);
const elapsed = performance.now() - start;
measuring = false;
const { rss } = process.memoryUsage();

await Promise.all(streams.map((stream) => stream.stop()));
await Promise.all(loops);
console.log(JSON.stringify({
  readyMs,
  cpuPerSecond: (user + system) / 1000 / elapsed,
  rss,
  samples,
  misread,
}));

async function watch(stream: VideoStream): Promise<void> {
  for await (const frame of stream) {
    const now = epochNow();
    if (!measuring) continue;
    const stamp = readStamp(frame);
    if (stamp === null) misread++;
    else samples.push(now - stamp);
  }
}
