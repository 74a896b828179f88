/**
 * Publishes pictures and takes the time of every `write()`. Arguments: FILE (raw rgb24)
 * URL WIDTH HEIGHT FPS SECONDS.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { VideoWriter } from "../../mod.ts";

/** Seconds that are not measured: the connection is made, the queue gets its memory. */
const SETTLE = 2;

const [file, url, ...numbers] = process.argv.slice(2);
const [width, height, fps, seconds] = numbers.map(Number);
const size = width! * height! * 3;
const bytes = readFileSync(file!);
const pictures = Array.from(
  { length: Math.floor(bytes.length / size) },
  (_, index) => bytes.subarray(index * size, (index + 1) * size),
);

const memory = new Uint8Array(size);
const samples: number[] = [];
const copies: number[] = [];
await using writer = new VideoWriter(url!, { width, height, fps, format: "rgb24" });
await writer.ready;
const settled = performance.now() + SETTLE * 1000;
const end = settled + seconds! * 1000;
let { replaced } = writer.stats().dropped;
for (let index = 0, due = performance.now(); due < end; index++, due += 1000 / fps!) {
  await sleep(Math.max(0, due - performance.now()));
  const begin = performance.now();
  writer.write(pictures[index % pictures.length]!);
  const written = performance.now();
  // Of a picture that is as far from the processor as that one was.
  memory.set(pictures[(index + Math.floor(pictures.length / 2)) % pictures.length]!);
  const copied = performance.now();
  if (begin < settled) ({ replaced } = writer.stats().dropped);
  if (begin < settled) continue;
  samples.push(written - begin);
  copies.push(copied - written);
}
const dropped = writer.stats().dropped.replaced - replaced;
console.log(JSON.stringify({ samples, copies, dropped }));
