/** This package, read five times a second. Arguments: URL SECONDS PAUSES OPTIONS (JSON). */
import process from "node:process";
import { VideoStream, type VideoStreamOptions } from "../../mod.ts";
import { epochNow } from "../clock.ts";
import { readStamp } from "../../test/support/stamp.ts";
import { untilNextLook } from "./consumer.ts";

const SETTLE = 1000;
/** Milliseconds for which the consumer does something else. */
const BUSY = 5000;

const [url, seconds, pauses, json] = process.argv.slice(2);
const options: VideoStreamOptions = JSON.parse(json!);
await using stream = new VideoStream(url!, options).start();
await stream.ready;
await looksFor(SETTLE);

const cpu = process.cpuUsage();
const start = performance.now();
const samples = await looksFor(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(cpu);
const cpuPerSecond = (user + system) / 1000 / (performance.now() - start);

const lags: number[] = [];
for (let pause = 0; pause < Number(pauses); pause++) {
  const end = performance.now() + BUSY;
  while (performance.now() < end);
  await looksFor(1000);
  lags.push(...look());
}
console.log(JSON.stringify({ cpuPerSecond, samples, lags }));

async function looksFor(milliseconds: number): Promise<number[]> {
  const ages: number[] = [];
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    ages.push(...look());
    await untilNextLook();
  }
  return ages;
}

/** The age of the newest frame, if there is one. */
function look(): number[] {
  const frame = stream.read();
  const now = epochNow();
  const stamp = frame && readStamp(frame);
  return stamp === null ? [] : [now - stamp];
}
