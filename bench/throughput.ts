/** Decode and convert a whole file: CPU seconds against ffmpeg's own. */
import { makeVideo } from "../test/support/media.ts";
import { RUNTIME_NAMES } from "../test/support/runtimes.ts";
import { cpuTimesInTurn } from "./cpu_time.ts";
import { type BenchOptions, chosen } from "./arguments.ts";
import { printTable, writeSection } from "./page.ts";
import { describePeers, installPeers, isPresent, NODE_AV, type Peer, PYTHON } from "./peers.ts";
import { ours, readerPath, RUNTIME_TITLES } from "./reader_process.ts";

const RUNS = 5;
const FRAMES = 900;
const READER = readerPath("read_file.ts");
const OPENCV_ENV = "OPENCV_FFMPEG_CAPTURE_OPTIONS=threads;1";

/** The first one is what the ratios are to. */
function commands(file: string, peers: readonly Peer[]): Record<string, string[]> {
  const all: Record<string, string[]> = {
    "ffmpeg -threads 1 -f null": [
      "ffmpeg",
      ...["-v", "error", "-nostdin", "-threads", "1", "-i", file],
      ...["-pix_fmt", "rgb24", "-f", "null", "-"],
    ],
    ...Object.fromEntries(RUNTIME_NAMES.map((runtime) => {
      return [`this package, ${RUNTIME_TITLES[runtime]}`, [...ours(runtime, READER), file]];
    })),
  };
  if (isPresent(peers, "OpenCV")) {
    all["OpenCV"] = ["env", OPENCV_ENV, PYTHON, readerPath("opencv_file.py"), file];
  }
  if (isPresent(peers, "PyAV")) all["PyAV"] = [PYTHON, readerPath("pyav_file.py"), file];
  if (isPresent(peers, "node-av")) {
    all["node-av, Bun"] = [...ours("bun", readerPath("node_av_file.ts")), file, NODE_AV];
  }
  return all;
}

export async function throughput(options: BenchOptions): Promise<void> {
  const { rounds = RUNS } = options;
  const peers = await installPeers();
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
    const all = Object.entries(commands(file, peers)).filter(([name], index) => {
      return index === 0 || chosen(options, name);
    });
    const rows = await cpuTimesInTurn(all, rounds);
    for (const { name, cpu, wall } of rows) {
      table.push([
        `${width}x${height} H.264`,
        name,
        (cpu / FRAMES * 1000).toFixed(2),
        `${(cpu / rows[0]!.cpu).toFixed(2)}x`,
        wall.toFixed(2),
      ]);
    }
  }
  printTable(table);
  if (options.dry) return;
  writeSection({
    name: "throughput",
    title: "Decode and convert a file",
    text: `User and system seconds of the whole process, start included, for ${FRAMES} frames ` +
      `decoded on one thread and converted to rgb24; median of ${rounds} runs in turn. The ratio ` +
      `is to ffmpeg itself, which does the same work with nothing around it. ${
        describePeers(peers)
      }`,
    table,
  });
}
