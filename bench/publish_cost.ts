/** Convert, encode and write a file: CPU seconds against ffmpeg's own. */
import { join } from "node:path";
import type { VideoWriterOptions } from "../mod.ts";
import { type BenchOptions, chosenOf } from "./arguments.ts";
import { cpuTimesInTurn } from "./cpu_time.ts";
import type { Part } from "./page.ts";
import { RawVideos, type Size, SIZES, title } from "./raw_videos.ts";
import { ours, readerPath } from "./reader_process.ts";

const RUNS = 5;
const FPS = 30;
const SCRIPT = readerPath("write_file.ts");
const REFERENCE = "ffmpeg -f rawvideo -i FILE";
const NAMES = [REFERENCE, "this package, Deno", "this package, Bun"];
const HEAD = ["picture", "writer", "CPU ms a frame", "ratio", "wall s"];

/** About a second of encoding at least. */
function frames({ width, height }: Size): number {
  return width * height > 1_000_000 ? 300 : 900;
}

function bitrate({ width, height }: Size): number {
  return width * height > 1_000_000 ? 6_000_000 : 1_000_000;
}

/** The first one is what the ratios are to. */
function commands(file: string, folder: string, size: Size): [string, string[]][] {
  const options: VideoWriterOptions = {
    fps: FPS,
    preset: "veryfast",
    tune: "zerolatency",
    bitrate: bitrate(size),
    gop: FPS * 2,
    overwrite: true,
    ffmpeg: { codec: { threads: 1, bf: 0 } },
  };
  const writer = (runtime: "deno" | "bun") => [
    ...[...ours(runtime, SCRIPT), file, join(folder, `${runtime}.mp4`)],
    ...[`${size.width}`, `${size.height}`, JSON.stringify(options)],
  ];
  return [
    [REFERENCE, [
      ...["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"],
      ...["-s", title(size), "-r", `${FPS}`, "-i", file, "-pix_fmt", "yuv420p"],
      ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"],
      ...["-b:v", `${bitrate(size)}`, "-g", `${FPS * 2}`, "-bf", "0", "-threads", "1"],
      join(folder, "ffmpeg.mp4"),
    ]],
    ["this package, Deno", writer("deno")],
    ["this package, Bun", writer("bun")],
  ];
}

export async function publishCost(options: BenchOptions): Promise<Part> {
  const { rounds = RUNS } = options;
  const table: string[][] = [HEAD];
  for (const size of SIZES.filter((one) => chosenOf(options, SIZES.map(title), title(one)))) {
    using videos = new RawVideos();
    const file = await videos.make(size, frames(size));
    const all = commands(file, videos.folder, size).filter(([name], index) => {
      return index === 0 || chosenOf(options, NAMES, name);
    });
    const rows = await cpuTimesInTurn(all, rounds);
    for (const { name, cpu, wall } of rows) {
      table.push([
        title(size),
        name,
        (cpu / frames(size) * 1000).toFixed(2),
        `${(cpu / rows[0]!.cpu).toFixed(2)}x`,
        wall.toFixed(2),
      ]);
    }
  }
  return {
    title: "Encode a file",
    text:
      `User and system seconds of the whole process, start included: raw rgb24 pictures (${
        SIZES.map((size) => `${frames(size)} of ${title(size)}`).join(", ")
      }) read from one file, converted to yuv420p, encoded and written into an MP4 file. The same ` +
      `settings for all: preset veryfast, tune zerolatency, ${
        SIZES.map((size) => `${bitrate(size) / 1e6} Mbit/s`).join(" and ")
      }, a keyframe every ${
        FPS * 2
      } frames, no B-frames, one encoder thread; median of ${rounds} runs ` +
      `in turn. The ratio is to ffmpeg itself, which does the same work with nothing around it. Here ` +
      `the pictures come from the program, through its memory, as processed ones do.`,
    table,
  };
}
