/** A consumer that wants five frames a second of a camera that sends thirty. */
import { VideoStream, type VideoStreamOptions } from "../mod.ts";
import { type BenchOptions, chosen } from "./arguments.ts";
import { startStampCamera } from "../test/support/stamp_camera.ts";
import { printTable, writeSection } from "./page.ts";
import { describePeers, installPeers, isPresent, type PeerName, PYTHON } from "./peers.ts";
import { ours, readerPath, runReader } from "./reader_process.ts";
import { cell, percentile } from "./statistics.ts";

const SECONDS = 10;
const ROUNDS = 2;
const PAUSES = 2;
/** Seconds that a pause and the second after it take. */
const PAUSE_SECONDS = 7;
const CAMERA = { codec: "h264", width: 1920, height: 1080, fps: 30 } as const;
const REFERENCE = "OpenCV in a thread";
const HEAD = ["reader", "CPU s per s", "ratio", "age p50 ms", "age p99 ms", "after a pause ms"];

/** What a reader prints. */
interface Result {
  readonly cpuPerSecond: number;
  readonly samples: number[];
  readonly lags: number[];
}

interface Reader {
  readonly name: string;
  readonly peer?: PeerName | undefined;
  readonly command: readonly string[];
  /** Arguments after URL, seconds and pauses. */
  readonly rest: string;
}

/** Ways to use this package for it; those that it does not know yet are left out. */
const WAYS: Readonly<Record<string, string>> = {
  "read()": "{}",
  "read(), maxFps 5": '{"maxFps":5}',
  "read(), convert on demand": '{"convert":"on-demand"}',
};

export async function slowConsumer(options: BenchOptions): Promise<void> {
  const { seconds = SECONDS, rounds = ROUNDS } = options;
  const peers = await installPeers();
  const all = readers().filter(({ peer, name }) => {
    return isPresent(peers, peer) && chosen(options, name);
  });
  const results = new Map<string, Result[]>(all.map(({ name }) => [name, []]));
  await using camera = await startStampCamera(CAMERA);
  for (let round = 0; round < rounds; round++) {
    for (const { name, command, rest } of all) {
      const args = [...command, camera.url, `${seconds}`, `${PAUSES}`, rest];
      const result = await runReader<Result>(args, seconds + PAUSES * PAUSE_SECONDS);
      if (result) results.get(name)?.push(result);
      console.log(`${name}: ${cell(result?.cpuPerSecond, 3)} CPU seconds per second`);
    }
  }
  const table = [HEAD, ...[...results].map(([name, runs]) => cells(name, runs, results))];
  printTable(table);
  if (options.dry) return;
  writeSection({
    name: "slow-consumer",
    title: "A slow consumer",
    text: `A consumer takes the newest frame about five times a second from a camera of ` +
      `${CAMERA.width}x${CAMERA.height}, H.264, ${CAMERA.fps} frames a second; ${rounds} rounds in ` +
      `turn of ${seconds} s, from the second after the first frame. CPU is user and system seconds of ` +
      `the whole reader process, decoder included, per second; the ratio is to ${REFERENCE}. Age is ` +
      `that of the picture when the consumer looks, which on average is half a period of the camera ` +
      `more than its latency. "After a pause": the consumer's thread computes for 5 s without ever ` +
      `looking, and looks again as usual; the age one second later, median of ${
        PAUSES * rounds
      } pauses. ` +
      `"OpenCV, no thread" calls read() five times a second and falls behind for ever. Not measured: ` +
      `what the consumer would do with the picture. ${describePeers(peers)}`,
    table,
  });
}

function readers(): Reader[] {
  const script = readerPath("ours_slow.ts");
  const peer = [PYTHON, readerPath("peer_slow.py")];
  const mine = Object.entries(WAYS).filter(([, rest]) => isKnown(rest));
  return [
    { name: REFERENCE, peer: "OpenCV", command: peer, rest: "thread" },
    { name: "OpenCV, no thread", peer: "OpenCV", command: peer, rest: "plain" },
    {
      name: "rtsp-stream (Python)",
      peer: "rtsp-stream (Python)",
      command: peer,
      rest: "rtsp-stream",
    },
    ...mine.flatMap(([way, rest]): Reader[] => [
      { name: `this package, Deno, ${way}`, command: ours("deno", script), rest },
      { name: `this package, Bun, ${way}`, command: ours("bun", script), rest },
    ]),
  ];
}

/** The constructor checks the options, and opens nothing. */
function isKnown(json: string): boolean {
  const options: VideoStreamOptions = JSON.parse(json);
  try {
    new VideoStream("rtsp://127.0.0.1/", options);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function cells(
  name: string,
  runs: readonly Result[],
  results: ReadonlyMap<string, readonly Result[]>,
): string[] {
  const samples = runs.flatMap((run) => run.samples);
  const cpu = medianCpu(runs);
  return [
    name,
    cell(cpu, 3),
    `${cell(cpu / medianCpu(results.get(REFERENCE) ?? []), 2)}x`,
    cell(percentile(samples, 0.5)),
    cell(percentile(samples, 0.99)),
    cell(percentile(runs.flatMap(({ lags }) => lags), 0.5)),
  ];
}

function medianCpu(runs: readonly Result[]): number {
  return percentile(runs.map(({ cpuPerSecond }) => cpuPerSecond), 0.5);
}
