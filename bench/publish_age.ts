/** Age of a processed picture in the hands of the audience. */
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "../test/support/child.ts";
import { type RtmpServer, startRtmpServer } from "../test/support/rtmp_server.ts";
import {
  type StampCamera,
  type StampCameraOptions,
  startStampCamera,
} from "../test/support/stamp_camera.ts";
import { type BenchOptions, chosenOf } from "./arguments.ts";
import type { Part } from "./page.ts";
import { describePeers, installPeers, isPresent, type PeerName, PYTHON } from "./peers.ts";
import { ours, READER_ENV, readerPath, runReader, type Samples } from "./reader_process.ts";
import { cell, percentile } from "./statistics.ts";

const SECONDS = 10;
const ROUNDS = 3;
/** Seconds from the start of a publisher to that of the audience. */
const WARM_UP = 6;
/** Milliseconds between two publishers: the camera ends its session. */
const PAUSE = 700;
const FPS = 30;
const GOP = FPS;
const SIZES: readonly StampCameraOptions[] = [
  { codec: "h264", width: 640, height: 360, fps: FPS },
  { codec: "h264", width: 1920, height: 1080, fps: FPS },
];
const REFERENCE = "two ffmpeg pipes";
const AUDIENCE = ours("bun", readerPath("ours_latency.ts"));
const HEAD = ["stream", "publisher", "p50 ms", "p95 ms", "p99 ms", "p50 ratio", "fps"];

interface Publisher {
  readonly name: string;
  readonly peers: readonly PeerName[];
  /** Undefined: the audience looks at the camera itself. */
  readonly command?:
    | ((input: string, output: string, size: StampCameraOptions) => string[])
    | undefined;
}

const PUBLISHERS: readonly Publisher[] = [
  { name: REFERENCE, peers: ["ffmpeg", "numpy"], command: recipe([], []) },
  {
    name: `${REFERENCE}, low-delay options`,
    peers: ["ffmpeg", "numpy"],
    command: recipe(
      "-fflags nobuffer -flags low_delay -probesize 32 -analyzeduration 0".split(" "),
      "-tune zerolatency".split(" "),
    ),
  },
  { name: "this package, Deno", peers: [], command: pipeTo("deno") },
  { name: "this package, Bun", peers: [], command: pipeTo("bun") },
  { name: "none: camera to audience", peers: [] },
];

export async function publishAge(options: BenchOptions): Promise<Part> {
  const { seconds = SECONDS, rounds = ROUNDS } = options;
  const peers = await installPeers(["ffmpeg", "numpy"]);
  const publishers = PUBLISHERS.filter(({ name, peers: needed }) => {
    return needed.every((one) => isPresent(peers, one)) &&
      chosenOf(options, PUBLISHERS.map((one) => one.name), name);
  });
  const rows: string[][] = [];
  for (const size of SIZES.filter((one) => chosenOf(options, SIZES.map(title), title(one)))) {
    rows.push(...await measure(size, publishers, seconds, rounds));
  }
  return {
    title: "From the camera to the audience",
    text:
      `Age of the picture when the audience has its rgb24 bytes. A camera writes its clock into ` +
      `the picture just before it encodes it; a publisher reads it (RTSP over TCP), makes it grey in ` +
      `its bytes and sends it to the server; the audience reads it back (RTMP) and compares the clock ` +
      `in the picture with its own. The audience is the same for all, this package in Bun, and its ` +
      `decoding and conversion are in every figure, as are the encoders of camera and publisher and ` +
      `both servers; the last row is that audience at the camera itself. All run on one machine and ` +
      `share its cores. "${REFERENCE}" is what guides for Python do: one ffmpeg command decodes into a ` +
      `pipe, numpy changes the array, another ffmpeg command takes it from a pipe and encodes it; its ` +
      `"low-delay options" are nobuffer, low_delay and a short probe for the first and tune ` +
      `zerolatency for the second. All publishers encode with preset ultrafast, as those guides do, ` +
      `and a keyframe a second, and are as by default otherwise. ${FPS} frames a second, ${rounds} ` +
      `rounds in turn of ${seconds} s, from ${
        WARM_UP + 1
      } s after the start of the publisher on. ` +
      `Fewer "fps" than that are frames that were dropped, or a publisher that falls behind: what ` +
      `goes through pipes is never dropped, and its age grows. The ratio is of p50 to ` +
      `"${REFERENCE}". Not measured: a real model, a network, and players with buffers of their ` +
      `own. ${describePeers(peers)}`,
    table: [HEAD, ...rows],
  };
}

async function measure(
  size: StampCameraOptions,
  publishers: readonly Publisher[],
  seconds: number,
  rounds: number,
): Promise<string[][]> {
  await using camera = await startStampCamera(size);
  await using server = await startRtmpServer();
  const taken = new Map<string, Samples[]>(publishers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const publisher of publishers) {
      const result = await watch(publisher, size, camera, server, seconds);
      if (result) taken.get(publisher.name)?.push(result);
      const p50 = cell(result && percentile(result.samples, 0.5));
      console.log(`${title(size)}, ${publisher.name}: p50 ${p50}, ${result?.misread} unreadable`);
      await sleep(PAUSE);
    }
  }
  const reference = percentile(ages(taken.get(REFERENCE)), 0.5);
  return [...taken].map(([name, results]) => cells(title(size), name, results, reference));
}

async function watch(
  { command }: Publisher,
  size: StampCameraOptions,
  camera: StampCamera,
  server: RtmpServer,
  seconds: number,
): Promise<Samples | undefined> {
  if (!command) return runReader([...AUDIENCE, camera.url, `${seconds}`, "next"], seconds);
  const url = server.url("stamp");
  const [name, ...args] = command(camera.url, url, size);
  await using child = new Child(name!, args, { env: READER_ENV });
  await sleep(WARM_UP * 1000);
  const result = await runReader([...AUDIENCE, url, `${seconds}`, "next"], seconds);
  if (!child.running) console.error(`the publisher ended by itself: ${child.stderr}`);
  return result;
}

function cells(
  stream: string,
  name: string,
  results: readonly Samples[],
  reference: number,
): string[] {
  const samples = ages(results);
  const total = results.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    stream,
    name,
    ...[0.5, 0.95, 0.99].map((fraction) => cell(percentile(samples, fraction))),
    Number.isFinite(reference) ? `${cell(percentile(samples, 0.5) / reference, 2)}x` : "–",
    // The last one of every run is beyond its time.
    cell((samples.length - results.length) / total),
  ];
}

function ages(results: readonly Samples[] = []): number[] {
  return results.flatMap(({ samples }) => samples);
}

function recipe(input: readonly string[], output: readonly string[]): Publisher["command"] {
  const script = readerPath("publish_recipe.py");
  const options = [JSON.stringify(input), JSON.stringify(output)];
  return (url, target, { width, height, fps }) => {
    const numbers = [width, height, fps, GOP].map(String);
    return [PYTHON, script, url, target, ...numbers, ...options];
  };
}

function pipeTo(runtime: "deno" | "bun"): Publisher["command"] {
  const command = ours(runtime, readerPath("ours_publish.ts"));
  const options = JSON.stringify({ fps: FPS, gop: GOP, preset: "ultrafast" });
  return (url, target) => [...command, url, target, options];
}

function title({ width, height }: StampCameraOptions): string {
  return `${width}x${height}`;
}
