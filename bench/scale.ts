/** Many cameras in one process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchOptions } from "./arguments.ts";
import { startStampCamera } from "../test/support/stamp_camera.ts";
import { printTable, writeSection } from "./page.ts";
import { ours, readerPath, runReader } from "./reader_process.ts";
import { cell, percentile } from "./statistics.ts";

const SECONDS = 10;
const COUNTS = [0, 1, 8, 16, 32, 64];
const CAMERA = { codec: "h264", width: 640, height: 360, fps: 10 } as const;
const READER = readerPath("ours_scale.ts");
/** Seconds for all cameras to connect. */
const CONNECTING = 30;
const PAUSE = 1000;
const MEGABYTE = 1e6;
const HEAD = [
  "runtime",
  "cameras",
  "all ready ms",
  "CPU s per s",
  "CPU ms a frame",
  "RSS MB",
  "MB a camera",
  "MB for each more",
  "age p50 ms",
  "age p99 ms",
  "frames of those sent",
];

/** What the reader prints. */
interface Result {
  readonly readyMs: number;
  readonly cpuPerSecond: number;
  readonly rss: number;
  readonly samples: number[];
  readonly misread: number;
}

/** Memory of a run. */
interface Done {
  readonly count: number;
  readonly rss: number;
}

export async function scale(options: BenchOptions): Promise<void> {
  const { seconds = SECONDS } = options;
  await using camera = await startStampCamera(CAMERA);
  const rows: string[][] = [];
  for (const runtime of ["deno", "bun"] as const) {
    const done: Done[] = [];
    for (const count of COUNTS) {
      if (!wanted(options, count)) continue;
      const command = [...ours(runtime, READER), camera.url, `${count}`, `${seconds}`];
      const result = await runReader<Result>(command, seconds + CONNECTING);
      if (!result) continue;
      rows.push(cells(runtime, count, result, done, seconds));
      done.push({ count, rss: result.rss });
      console.log(rows.at(-1)?.join("  "));
      await sleep(PAUSE);
    }
  }
  const table = [HEAD, ...rows];
  printTable(table);
  if (options.dry) return;
  writeSection({
    name: "scale",
    title: "Many cameras in one process",
    text:
      `One process opens that many streams at once, each with a connection, a background thread ` +
      `and a decoder of its own, and takes every frame of each, ${CAMERA.width}x${CAMERA.height} at ` +
      `${CAMERA.fps} frames a second, H.264, as rgb24; ${seconds} s from two seconds after the last ` +
      `one's first frame. All connect to one camera that encodes once and sends to everyone, on the ` +
      `same machine: its work for that many connections is in the age, as is the load of decoding ` +
      `frames that all arrive at the same moment, which cameras of different makers do not do. CPU ` +
      `is user and system seconds of the reader process only. Memory is the resident set, less that ` +
      `of the same process with no camera, divided by the cameras; the libraries' own pages ` +
      `are therefore in the figure of one camera. "For each more" is to the row before.`,
    table,
  });
}

/** `--only` names numbers of cameras; none at all is always measured. */
function wanted({ only }: BenchOptions, count: number): boolean {
  return count === 0 || only.length === 0 || only.includes(`${count}`);
}

function cells(
  runtime: "deno" | "bun",
  count: number,
  { readyMs, cpuPerSecond, rss, samples, misread }: Result,
  done: readonly Done[],
  seconds: number,
): string[] {
  const taken = samples.length + misread;
  return [
    runtime === "deno" ? "Deno" : "Bun",
    `${count}`,
    count > 0 ? cell(readyMs, 0) : "–",
    cell(cpuPerSecond, 3),
    cell(taken > 0 ? cpuPerSecond * seconds / taken * 1000 : undefined, 2),
    cell(rss / MEGABYTE),
    cell(memory(done[0], { count, rss })),
    cell(memory(done.at(-1), { count, rss })),
    cell(percentile(samples, 0.5)),
    cell(percentile(samples, 0.99)),
    count > 0 ? `${cell(taken / (count * CAMERA.fps * seconds) * 100)} %` : "–",
  ];
}

/** Megabytes for each camera more. */
function memory(from: Done | undefined, to: Done): number | undefined {
  return from && (to.rss - from.rss) / MEGABYTE / (to.count - from.count);
}
