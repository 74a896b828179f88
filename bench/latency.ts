/** Age of the picture when the application has its bytes, this package and the others. */
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchOptions, chosenOf } from "./arguments.ts";
import { barChart, type BarGroup } from "./bar_chart.ts";
import { type StampCameraOptions, startStampCamera } from "../test/support/stamp_camera.ts";
import { type Contestant, CONTESTANTS, REFERENCE } from "./contestants.ts";
import { printTable, writeSection } from "./page.ts";
import { describePeers, installPeers, isPresent } from "./peers.ts";
import { runReader, type Samples } from "./reader_process.ts";
import { cell, percentile } from "./statistics.ts";

const SECONDS = 6;
const ROUNDS = 2;
const FPS = 30;
/** Milliseconds between two readers: the camera ends its session. */
const PAUSE = 700;
const STREAMS: readonly StampCameraOptions[] = [
  { codec: "h264", width: 640, height: 360, fps: FPS },
  { codec: "h264", width: 1920, height: 1080, fps: FPS },
  { codec: "hevc", width: 640, height: 360, fps: FPS },
  { codec: "hevc", width: 1920, height: 1080, fps: FPS },
];
const CODECS = { h264: "H.264", hevc: "HEVC" };
const HEAD = [
  "stream",
  "reader",
  "first frame ms",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "p50 ratio",
  "fps",
];

interface Row {
  readonly stream: string;
  readonly reader: string;
  readonly firstFrame: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly samples: number;
  readonly misread: number;
  readonly framesPerSecond: number;
}

export async function latency(options: BenchOptions): Promise<void> {
  const { seconds = SECONDS, rounds = ROUNDS } = options;
  const peers = await installPeers();
  const contestants = CONTESTANTS.filter(({ peer, name }) => {
    return isPresent(peers, peer) && chosenOf(options, CONTESTANTS.map((one) => one.name), name);
  });
  const rows: Row[] = [];
  for (const stream of STREAMS.filter((one) => chosenOf(options, STREAMS.map(title), title(one)))) {
    rows.push(...await measure(stream, contestants, seconds, rounds));
  }
  const table = [HEAD, ...rows.map((row) => cells(row, rows))];
  printTable(table);
  if (options.dry) return;
  const text =
    `Age of the picture when the application has its rgb24 (or bgr24) bytes: the camera ` +
    `writes its clock into the picture just before it encodes it, and the reader, on the same ` +
    `machine, compares that with its own. So the camera's encoder, its server, RTSP over TCP on ` +
    `loopback, the decoder and the conversion are in every figure, and a camera's lens, a network ` +
    `and a screen are in none. ${FPS} frames a second, no B-frames, one slice; one reader at a ` +
    `time, each a process and a connection of its own, ${rounds} rounds in turn of ${seconds} s, of ` +
    `which the first second after the first frame is left out. "First frame" is from the start of ` +
    `connecting in a running process, its libraries loaded, median of the rounds; this camera begins with a keyframe for ` +
    `everyone who connects, so the wait for one is not in it, except for readers that throw the ` +
    `first one away. The ratio is of p50 to this package in Deno. "Low-delay options" are those ` +
    `that guides to the library give; without them it is as it is when installed. All ask for ` +
    `TCP. node-av runs in Bun. ${describePeers(peers)}\n\n![Age of the picture](latency.svg)`;
  writeSection({ name: "latency", title: "Latency", text, table });
  writeFile("latency.json", JSON.stringify({ seconds, rounds, peers, rows }, null, 2));
  writeFile("latency.svg", chart(rows));
}

async function measure(
  options: StampCameraOptions,
  contestants: readonly Contestant[],
  seconds: number,
  rounds: number,
): Promise<Row[]> {
  await using camera = await startStampCamera(options);
  const stream = { ...options, url: camera.url };
  const taken = new Map<string, Samples[]>();
  for (let round = 0; round < rounds; round++) {
    for (const { name, command, env } of contestants) {
      const result = await runReader(command(stream, `${seconds}`), seconds, env);
      if (result) taken.set(name, [...taken.get(name) ?? [], result]);
      console.log(
        `${title(options)}, ${name}: p50 ${cell(result && percentile(result.samples, 0.5))}`,
      );
      await sleep(PAUSE);
    }
  }
  return [...taken].map(([name, results]) => summary(title(options), name, results));
}

function summary(stream: string, reader: string, results: readonly Samples[]): Row {
  const samples = results.flatMap((result) => result.samples);
  const total = results.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    stream,
    reader,
    firstFrame: percentile(results.map(({ firstFrameMs }) => firstFrameMs), 0.5),
    p50: percentile(samples, 0.5),
    p95: percentile(samples, 0.95),
    p99: percentile(samples, 0.99),
    samples: samples.length,
    misread: results.reduce((sum, { misread }) => sum + misread, 0),
    // The last one of every run is beyond its time.
    framesPerSecond: (samples.length - results.length) / total,
  };
}

function cells(row: Row, rows: readonly Row[]): string[] {
  const reference = rows.find(({ stream, reader }) => {
    return stream === row.stream && reader === REFERENCE;
  });
  return [
    row.stream,
    row.reader,
    cell(row.firstFrame, 0),
    ...[row.p50, row.p95, row.p99].map((value) => cell(value)),
    reference ? `${cell(row.p50 / reference.p50, 2)}x` : "–",
    cell(row.framesPerSecond),
  ];
}

function chart(rows: readonly Row[]): string {
  const groups: BarGroup[] = [...new Set(rows.map(({ stream }) => stream))].map((stream) => ({
    title: stream,
    bars: rows.filter((row) => row.stream === stream && Number.isFinite(row.p50))
      .map(({ reader, p50, p99 }) => ({
        label: reader,
        value: p50,
        whisker: p99,
        highlight: reader.startsWith("this package"),
      })).sort((a, b) => a.value - b.value),
  }));
  return barChart({
    title: "Age of the picture when the application has its bytes",
    subtitle: "Milliseconds, logarithmic. Bar and figure: median; line: up to the 99th percentile.",
    unit: "ms",
    groups,
  });
}

function title({ codec, width, height }: StampCameraOptions): string {
  return `${width}x${height} ${CODECS[codec]}`;
}

function writeFile(name: string, content: string): void {
  writeFileSync(new URL(name, import.meta.url), content);
}
