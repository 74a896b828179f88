/**
 * Streams that are started at once, and stopped at once. Arguments: URL STREAMS [DIRECTORY], the
 * latter of another checkout of this package.
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

/** Milliseconds from the last stream's first frame to the stop. */
const SETTLE = 500;
/** Milliseconds from one look at the clock to the next. */
const TICK = 5;

const [url, count, directory] = process.argv.slice(2);
const place = directory ? new URL("mod.ts", pathToFileURL(`${directory}/`)) : "../../mod.ts";
const { VideoStream }: typeof import("../../mod.ts") = await import(String(place));

const streams = Array.from({ length: Number(count) }, () => new VideoStream(url!));
let longest = 0;
let last = performance.now();
const ticks = setInterval(tick, TICK);

const cpu = process.cpuUsage();
const begin = performance.now();
for (const stream of streams) stream.start();
await Promise.all(streams.map(({ ready }) => ready));
tick();
const readyMs = performance.now() - begin;
const { user, system } = process.cpuUsage(cpu);
await sleep(SETTLE);

const stopping = performance.now();
await Promise.all(streams.map((stream) => stream.stop()));
const stopMs = performance.now() - stopping;
clearInterval(ticks);
const retries = streams.reduce((sum, { reconnectCount }) => sum + reconnectCount, 0);
const cpuMs = (user + system) / 1000;
console.log(JSON.stringify({ readyMs, cpuMs, stuckMs: longest, stopMs, retries }));
process.exit(0);

/** How long the main thread did nothing else. */
function tick(): void {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
}
