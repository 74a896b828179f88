/** The first frame after start() in a fresh process, of each form of the package. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cameraH264 } from "../test/support/elementary.ts";
import { RUNTIME_NAMES } from "../test/support/runtimes.ts";
import { startWrongCamera } from "../test/support/wrong_camera.ts";
import { type BenchOptions, chosen } from "./arguments.ts";
import { printTable, writeSection } from "./page.ts";
import { ours, readerPath, runReader, RUNTIME_TITLES } from "./reader_process.ts";
import { cell, percentile } from "./statistics.ts";

const ROUNDS = 11;
const FPS = 30;
const READER = readerPath("ours_first_frame.ts");
const HEAD = ["runtime", "form", "first frame ms", "p90 ms", "CPU ms", "import ms"];

/** What the reader prints. */
interface Result {
  readonly importMs: number;
  readonly firstFrameMs: number;
  readonly cpuMs: number;
}

/** A project that has the npm form installed, as a user's has. */
class NpmProject implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "rtsp-stream-bench-"));

  constructor() {
    const pack = fileURLToPath(new URL("../pack/main.ts", import.meta.url));
    const made = this.#run("deno", "run", "-A", "--no-check", pack, join(this.#directory, "made"));
    writeFileSync(join(this.#directory, "package.json"), '{ "type": "module", "private": true }');
    this.#run("npm", "i", "--no-audit", "--no-fund", made.trim().split("\n").at(-1)!);
  }

  get module(): string {
    return join(this.#directory, "node_modules/@x/rtsp-stream/mod.js");
  }

  #run(command: string, ...args: readonly string[]): string {
    return execFileSync(command, args, { cwd: this.#directory, encoding: "utf8" });
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export async function firstFrame(options: BenchOptions): Promise<void> {
  const { rounds = ROUNDS } = options;
  using npm = new NpmProject();
  await using camera = await startWrongCamera({ footage: await cameraH264(), fps: FPS });
  const forms = {
    sources: fileURLToPath(new URL("../mod.ts", import.meta.url)),
    "npm form": npm.module,
  };
  const readers = RUNTIME_NAMES.flatMap((runtime) =>
    Object.entries(forms).map(([form, module]) => ({
      head: [RUNTIME_TITLES[runtime], form],
      command: [...ours(runtime, READER), camera.url, module],
      results: [] as Result[],
    }))
  ).filter(({ head }) => chosen(options, head.join(", ")));
  // The first round is left out: it fills the caches of runtimes and system.
  for (let round = 0; round <= rounds; round++) {
    for (const { command, results } of readers) {
      const result = await runReader<Result>(command, 0);
      if (result && round > 0) results.push(result);
    }
  }
  const table = [HEAD, ...readers.map(({ head, results }) => [...head, ...cells(results)])];
  printTable(table);
  if (options.dry) return;
  writeSection({
    name: "first-frame",
    title: "The first frame of a fresh process",
    text:
      `From the call of start() to the first frame, the only stream of a process that has just ` +
      `imported the package: finding and loading FFmpeg, its self-test, the background thread, ` +
      `connecting and decoding are in it. The camera is one of the tests', in another process on ` +
      `the same machine; it answers at once and begins with a keyframe, ${FPS} frames a second, so ` +
      `that its own time is in no figure but that of a frame. Median and 90th percentile of ` +
      `${rounds} processes each, in turn, after one that is left out; CPU is user and system time ` +
      `of the process in the same span, "import" the time before it that importing took.`,
    table,
  });
}

function cells(results: readonly Result[]): string[] {
  const of = (value: (result: Result) => number, fraction: number) =>
    cell(percentile(results.map(value), fraction), 0);
  return [
    of(({ firstFrameMs }) => firstFrameMs, 0.5),
    of(({ firstFrameMs }) => firstFrameMs, 0.9),
    of(({ cpuMs }) => cpuMs, 0.5),
    of(({ importMs }) => importMs, 0.5),
  ];
}
