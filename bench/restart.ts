/** The camera goes away and comes back: how long until the next frame. */
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "../test/support/child.ts";
import { freePort } from "../test/support/port.ts";
import { type BenchOptions, chosen } from "./arguments.ts";
import { type StampCamera, startStampCamera } from "../test/support/stamp_camera.ts";
import { epochNow } from "./clock.ts";
import { printTable, writeSection } from "./page.ts";
import { describePeers, installPeers, isPresent, PYTHON } from "./peers.ts";
import { ours, READER_ENV, readerPath } from "./reader_process.ts";
import { cell, percentile } from "./statistics.ts";

const ROUNDS = 8;
const DELAY = 500;
/** Milliseconds of undisturbed streaming before the camera is killed. */
const QUIET = 1500;
const CAMERA = { codec: "h264", width: 640, height: 360, fps: 30 } as const;
const HEAD = [
  "reader",
  "killed to frame, p50 ms",
  "listens to frame, p50 ms",
  "worst ms",
  "worst less the delay ms",
  "attempt to frame, p50 ms",
  "worst ms",
];

interface Outage {
  readonly sinceKill: number;
  readonly sinceListening: number;
  /** From the attempt that succeeded. */
  readonly sinceAttempt?: number | undefined;
}

/** A reader that tells when it tries and when it has a frame again. */
class Reader extends Child {
  readonly frames: number[];
  readonly attempts: number[];

  constructor([command, ...args]: readonly string[]) {
    const frames: number[] = [];
    const attempts: number[] = [];
    super(command!, args, {
      env: READER_ENV,
      onLine: (line) => {
        const [word, time] = line.split(" ");
        if (word === "FRAME") frames.push(Number(time));
        if (word === "ATTEMPT") attempts.push(Number(time));
      },
    });
    this.frames = frames;
    this.attempts = attempts;
  }

  frameAfter(time: number): Promise<number> {
    return this.until("frame after the outage", () => this.frames.find((frame) => frame > time));
  }
}

export async function restart(options: BenchOptions): Promise<void> {
  const { rounds = ROUNDS } = options;
  const peers = await installPeers();
  const rows: string[][] = [];
  const readers = Object.entries(commands()).filter(([name]) => chosen(options, name));
  for (const [name, command] of readers) {
    if (command[0] === PYTHON && !isPresent(peers, "rtsp-stream (Python)")) continue;
    rows.push(cells(name, await outages(command, rounds)));
    console.log(rows.at(-1)?.join("  "));
  }
  const table = [HEAD, ...rows];
  printTable(table);
  if (options.dry) return;
  writeSection({
    name: "restart",
    title: "The camera restarts",
    text:
      `The camera's process is killed, stays away for up to a second and starts again on the same ` +
      `port, ${rounds} times; readers wait ${DELAY} ms between attempts. "Listens" is the moment the new ` +
      `process says that it does: an attempt falls somewhere within the ${DELAY} ms after it, by chance, ` +
      `so the worst case less the delay is what noticing and connecting cost. "Attempt to frame" is ` +
      `from the beginning of the attempt that succeeded. ${CAMERA.width}x${CAMERA.height}, H.264, ` +
      `${CAMERA.fps} frames a second, one connection, on loopback, where the loss is noticed at once; ` +
      `a camera whose power fails without a goodbye is noticed after readTimeout instead, which is not ` +
      `measured here. ${describePeers(peers)}`,
    table,
  });
}

function commands(): Record<string, string[]> {
  const script = readerPath("ours_restart.ts");
  return {
    "this package, Deno": ours("deno", script),
    "this package, Bun": ours("bun", script),
    "rtsp-stream (Python)": [PYTHON, readerPath("rtsp_stream_restart.py")],
  };
}

async function outages(command: readonly string[], rounds: number): Promise<Outage[]> {
  const port = await freePort();
  let camera: StampCamera = await startStampCamera({ ...CAMERA, port });
  const result: Outage[] = [];
  try {
    await using reader = new Reader([...command, camera.url, `${DELAY}`]);
    await reader.frameAfter(0);
    for (let round = 0; round < rounds; round++) {
      await sleep(QUIET);
      const killed = epochNow();
      await camera.kill();
      await sleep(Math.random() * 1000);
      camera = await startStampCamera({ ...CAMERA, port });
      const frame = await reader.frameAfter(killed);
      const attempt = reader.attempts.findLast((time) => time < frame);
      result.push({
        sinceKill: frame - killed,
        sinceListening: frame - camera.listening,
        sinceAttempt: attempt === undefined ? undefined : frame - attempt,
      });
    }
  } finally {
    await camera.stop();
  }
  return result;
}

function cells(name: string, outages: readonly Outage[]): string[] {
  const kill = outages.map(({ sinceKill }) => sinceKill);
  const listening = outages.map(({ sinceListening }) => sinceListening);
  const attempt = outages.flatMap(({ sinceAttempt }) => sinceAttempt ?? []);
  const worst = percentile(listening, 1);
  return [
    name,
    ...[percentile(kill, 0.5), percentile(listening, 0.5), worst, worst - DELAY]
      .map((value) => cell(value, 0)),
    ...[percentile(attempt, 0.5), percentile(attempt, 1)].map((value) => cell(value, 0)),
  ];
}
