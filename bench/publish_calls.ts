/** What a call of `write()` takes from the program's thread. */
import { startRtmpServer } from "../test/support/rtmp_server.ts";
import { type BenchOptions, chosenOf } from "./arguments.ts";
import type { Part } from "./page.ts";
import { RawVideos, type Size, SIZES, title } from "./raw_videos.ts";
import { ours, readerPath, runReader } from "./reader_process.ts";
import { cell, percentile } from "./statistics.ts";

const SECONDS = 10;
const ROUNDS = 2;
const FPS = 30;
/** Pictures that are sent again and again. */
const PICTURES = 30;
const RUNTIMES = { "this package, Deno": "deno", "this package, Bun": "bun" } as const;
const SCRIPT = readerPath("write_calls.ts");
const HEAD = [
  "picture",
  "writer",
  "p50 ms",
  "p99 ms",
  "max ms",
  "copy p50 ms",
  "copy p99 ms",
  "dropped",
];

/** What the script prints. */
interface Result {
  /** Milliseconds of each call. */
  readonly samples: number[];
  readonly copies: number[];
  readonly dropped: number;
}

export async function publishCalls(options: BenchOptions): Promise<Part> {
  const { seconds = SECONDS, rounds = ROUNDS } = options;
  const names = Object.keys(RUNTIMES);
  using videos = new RawVideos();
  await using server = await startRtmpServer();
  const rows: string[][] = [];
  for (const size of SIZES.filter((one) => chosenOf(options, SIZES.map(title), title(one)))) {
    const file = await videos.make(size, PICTURES);
    const taken = new Map<string, Result[]>();
    for (let round = 0; round < rounds; round++) {
      for (const [name, runtime] of Object.entries(RUNTIMES)) {
        if (!chosenOf(options, names, name)) continue;
        const command = ours(runtime, SCRIPT);
        const numbers = [size.width, size.height, FPS, seconds].map(String);
        const args = [...command, file, server.url("calls"), ...numbers];
        const result = await runReader<Result>(args, seconds);
        if (result) taken.set(name, [...taken.get(name) ?? [], result]);
      }
    }
    rows.push(...[...taken].map(([name, results]) => cells(size, name, results)));
  }
  return {
    title: "The call of write()",
    text: `Milliseconds that a call takes from the program's thread, the copy of the picture ` +
      `included: rgb24 bytes of ${PICTURES} pictures in turn, ${FPS} a second, to the server; default ` +
      `options, ${rounds} rounds in turn of ${seconds} s, from two seconds after the connection. ` +
      `Conversion, encoding and sending are in the background thread and not in the figure, though ` +
      `on the same cores: a call ends with waking that thread, which a system with all cores busy ` +
      `lets go first. "Copy" is that of as many bytes into an array, after each call. "Dropped" ` +
      `are pictures that gave way to newer ones because the encoder was late.`,
    table: [HEAD, ...rows],
  };
}

function cells(size: Size, name: string, results: readonly Result[]): string[] {
  const samples = results.flatMap((result) => result.samples);
  const copies = results.flatMap((result) => result.copies);
  const dropped = results.reduce((sum, result) => sum + result.dropped, 0);
  return [
    title(size),
    name,
    ...[0.5, 0.99, 1].map((fraction) => cell(percentile(samples, fraction), 2)),
    ...[0.5, 0.99].map((fraction) => cell(percentile(copies, fraction), 2)),
    `${dropped} of ${samples.length}`,
  ];
}
