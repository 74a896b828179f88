/**
 * The tests, in Deno and in Bun: `deno run -A test/run.ts [FILE or FOLDER]...`
 *
 * Without arguments several processes test side by side, for most tests wait most of their time:
 * one for each file of `test/live` and one for each other folder, in either runtime.
 */

import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { Child } from "./support/child.ts";

/**
 * Whose tests need the machine for themselves: they measure memory and threads of many streams, or
 * how long leaving takes, compare times with cameras' own, or let two threads race at full speed.
 * They come last, one by one.
 */
const ALONE = [
  "./test/live/stream/camera_clock_test.ts",
  "./test/live/group/sync_test.ts",
  "./test/live/stream/leaving_test.ts",
  "./test/live/stream/process_end_test.ts",
  "./test/live/writer/soak_test.ts",
  "./test/live/stream/soak_test.ts",
  "./test/unit/shared/mailbox_test.ts",
  "./test/unit/shared/slot_table_race_test.ts",
];

const RUNTIMES = {
  deno: {
    command: [Deno.execPath(), "test", "-A", "--no-check"],
    passed: /^(?:ok|FAILED) \| (\d+) passed/gm,
    failed: /^(?:ok|FAILED) \|.* \| (\d+) failed/gm,
  },
  bun: {
    command: ["bun", "test", "--timeout", "60000"],
    passed: /^ *(\d+) pass$/gm,
    failed: /^ *(\d+) fail$/gm,
  },
};

/** What one process tests. */
interface Part {
  readonly runtime: keyof typeof RUNTIMES;
  readonly name: string;
  readonly paths: readonly string[];
}

interface Result {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
}

function inBoth(paths: readonly string[], name: string = paths.join(" ")): Part[] {
  return [{ runtime: "deno", name, paths }, { runtime: "bun", name, paths }];
}

/** Those that compute before those that wait, and the largest of these first. */
function beside(): Part[] {
  const paths = readdirSync("test", { recursive: true, encoding: "utf8" })
    .filter((path) => /[._]test\.ts$/.test(path))
    .map((path) => `./test/${path}`)
    .filter((path) => !ALONE.includes(path));
  const waits = (path: string) => path.startsWith("./test/live/");
  const size = (path: string) => statSync(path).size;
  paths.sort((a, b) => Number(waits(a)) - Number(waits(b)) || size(b) - size(a));
  const parts = Map.groupBy(paths, (path) => waits(path) ? path : dirname(path));
  return [...parts].flatMap(([name, paths]) => inBoth(paths, name));
}

/** The last number of this kind that a runner has printed. */
function last(output: string, pattern: RegExp): number {
  return Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
}

/** Tests one part; what it prints is printed at once, or else as a whole at its end. */
async function run(part: Part, how: "live" | "whole"): Promise<Result> {
  const name = `${part.runtime} ${part.name}`;
  const { command, ...patterns } = RUNTIMES[part.runtime];
  if (how === "live") console.log(`== ${name}`);
  const begin = performance.now();
  // Through one pipe, so that the lines of stdout and stderr stay in order.
  const child = new Child("sh", ["-c", 'exec "$@" 2>&1', "sh", ...command, ...part.paths], {
    env: { NO_COLOR: "1" },
    onText: how === "live" ? print : undefined,
  });
  const { code } = await child.exited;
  const output = child.stdout + child.stderr;
  const seconds = Math.round((performance.now() - begin) / 1000);
  if (how === "whole") print(`== ${name} (${seconds} s)\n${output.trimEnd()}\n\n`);
  const passed = last(output, patterns.passed);
  const failed = last(output, patterns.failed);
  // A runner that breaks off has failed, whatever it has counted; so has one that found no test.
  const broken = failed === 0 && (code !== 0 || passed === 0);
  return { name, passed, failed: broken ? 1 : failed };
}

const encoder = new TextEncoder();
function print(text: string): void {
  for (let rest = encoder.encode(text); rest.length > 0;) {
    rest = rest.subarray(Deno.stdout.writeSync(rest));
  }
}

/** Takes one part after the other, so many at once. */
async function sideBySide(parts: readonly Part[], lanes: number): Promise<Result[]> {
  const waiting = [...parts];
  const results: Result[] = [];
  const lane = async () => {
    for (let part = waiting.shift(); part; part = waiting.shift()) {
      results.push(await run(part, "whole"));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

async function all(): Promise<Result[]> {
  return [
    ...await sideBySide(beside(), availableParallelism() + 1),
    ...await sideBySide(ALONE.flatMap((path) => inBoth([path])), 1),
  ];
}

async function given(paths: readonly string[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const part of inBoth(paths)) results.push(await run(part, "live"));
  return results;
}

const results = await (Deno.args.length > 0 ? given(Deno.args) : all());
const sum = (what: "passed" | "failed") => results.reduce((total, one) => total + one[what], 0);
const [passed, failed] = [sum("passed"), sum("failed")];
for (const { name, failed } of results) if (failed > 0) console.log(`${failed} failed: ${name}`);
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
