/** Many streams that are started at once, and stopped at once. */
import { setTimeout as sleep } from "node:timers/promises";
import { cameraH264 } from "../test/support/elementary.ts";
import { startWrongCamera } from "../test/support/wrong_camera.ts";
import type { BenchOptions } from "./arguments.ts";
import { printTable, writeSection } from "./page.ts";
import { ours, readerPath, runReader } from "./reader_process.ts";
import { cell, percentile } from "./statistics.ts";

const COUNTS = [50, 200];
const ROUNDS = 3;
const FPS = 2;
const READER = readerPath("ours_many.ts");
/** Seconds for one reader. */
const PATIENCE = 150;
const PAUSE = 1000;
const HEAD = [
  "runtime",
  "package",
  "streams",
  "all ready ms",
  "CPU ms each",
  "main thread stuck ms",
  "all stopped ms",
  "attempts that failed",
];

/** What the reader prints. */
interface Result {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly stuckMs: number;
  readonly stopMs: number;
  readonly retries: number;
}

export async function many(options: BenchOptions): Promise<void> {
  const { rounds = ROUNDS, base } = options;
  await using camera = await startWrongCamera({ footage: await cameraH264(), fps: FPS });
  const packages: [string, string[]][] = [["this one", []]];
  if (base !== undefined) packages.unshift(["before", [base]]);
  const rows: string[][] = [];
  for (const runtime of ["deno", "bun"] as const) {
    for (const count of COUNTS.filter((one) => wanted(options, one))) {
      const results = new Map<string, Result[]>();
      for (let round = 0; round < rounds; round++) {
        // In turns: what else the machine does is in the figures of all.
        for (const [name, place] of packages) {
          const command = [...ours(runtime, READER), camera.url, `${count}`, ...place];
          const result = await runReader<Result>(command, PATIENCE);
          if (result) results.set(name, [...results.get(name) ?? [], result]);
          await sleep(PAUSE);
        }
      }
      for (const [name, all] of results) {
        rows.push([runtime === "deno" ? "Deno" : "Bun", name, `${count}`, ...cells(all, count)]);
        console.log(rows.at(-1)?.join("  "));
      }
    }
  }
  const table = [HEAD, ...rows];
  printTable(table);
  if (options.dry) return;
  writeSection({
    name: "many",
    title: "Many streams at once",
    text: `One process starts that many streams in the same moment, and half a second after the ` +
      `last one's first frame it stops all of them. The camera is one of the tests', in another ` +
      `process on the same machine, with ${FPS} small frames a second, so that it is the beginning ` +
      `of threads that counts, and not decoding. CPU is that of the reader process until all are ` +
      `ready, divided by the streams; "stuck" is the longest time for which its main thread did ` +
      `nothing else. The medians of ${rounds} rounds; "before" is the package as it was ` +
      `(\`--base DIRECTORY\`, a checkout of an older commit), measured in turns with this one.`,
    table,
  });
}

/** `--only` names numbers of streams. */
function wanted({ only }: BenchOptions, count: number): boolean {
  return only.length === 0 || only.includes(`${count}`);
}

function cells(results: readonly Result[], count: number): string[] {
  const median = (of: (result: Result) => number) => percentile(results.map(of), 0.5);
  return [
    cell(median(({ readyMs }) => readyMs), 0),
    cell(median(({ cpuMs }) => cpuMs / count), 0),
    cell(median(({ stuckMs }) => stuckMs), 0),
    cell(median(({ stopMs }) => stopMs), 0),
    cell(median(({ retries }) => retries), 0),
  ];
}
