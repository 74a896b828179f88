/** Decode and convert a whole file: CPU seconds against ffmpeg's own. */
import { fileURLToPath } from "node:url";
import { makeVideo } from "../test/support/media.ts";
import { cpuTime, median } from "./cpu_time.ts";
import { writeSection } from "./page.ts";

const RUNS = 5;
const FRAMES = 900;
const READER = fileURLToPath(new URL("./readers/read_file.ts", import.meta.url));

interface Row {
  readonly name: string;
  readonly cpu: number;
  readonly wall: number;
}

function commands(file: string): Record<string, string[]> {
  return {
    "ffmpeg -threads 1 -f null": [
      "ffmpeg",
      ...["-v", "error", "-nostdin", "-threads", "1", "-i", file],
      ...["-pix_fmt", "rgb24", "-f", "null", "-"],
    ],
    "this package, Deno": ["deno", "run", "-A", "--no-check", READER, file],
    "this package, Bun": ["bun", READER, file],
  };
}

async function measure(file: string): Promise<Row[]> {
  const all = Object.entries(commands(file));
  const taken = new Map<string, { cpu: number; wall: number }[]>(all.map(([name]) => [name, []]));
  // In turn, so that a change of the machine's speed meets all of them alike.
  for (let run = 0; run <= RUNS; run++) {
    for (const [name, command] of all) {
      const { user, system, wall } = await cpuTime(command);
      if (run > 0) taken.get(name)?.push({ cpu: user + system, wall });
    }
  }
  return [...taken].map(([name, runs]) => ({
    name,
    cpu: median(runs.map(({ cpu }) => cpu)),
    wall: median(runs.map(({ wall }) => wall)),
  }));
}

export async function throughput(): Promise<void> {
  const table: string[][] = [["file", "reader", "CPU ms a frame", "ratio", "wall s"]];
  for (const [width, height] of [[1920, 1080], [640, 360]]) {
    const file = await makeVideo({
      width,
      height,
      fps: 30,
      frames: FRAMES,
      codec: "h264",
      container: "mp4",
      source: `testsrc2=size=${width}x${height}:rate=30`,
    });
    const rows = await measure(file);
    for (const { name, cpu, wall } of rows) {
      table.push([
        `${width}x${height} H.264`,
        name,
        (cpu / FRAMES * 1000).toFixed(2),
        `${(cpu / rows[0].cpu).toFixed(2)}x`,
        wall.toFixed(2),
      ]);
    }
  }
  writeSection({
    name: "throughput",
    title: "Decode and convert a file",
    text: `User and system seconds of the whole process, start included, for ${FRAMES} frames ` +
      `decoded on one thread and converted to rgb24; median of ${RUNS} runs in turn. The ratio ` +
      `is to ffmpeg itself, which does the same work with nothing around it.`,
    table,
  });
}
