/** One part of the tests: what one process of one runtime tests. */

import { join } from "node:path";
import { Child } from "../support/child.ts";
import { counted, RUNTIME_NAMES, RUNTIMES, type TestRuntimeName } from "../support/runtimes.ts";
import { CACHE } from "./cache.ts";
import { testFiles } from "./test_files.ts";

export interface Part {
  readonly runtime: TestRuntimeName;
  readonly name: string;
  readonly paths: readonly string[];
}

/** What a part takes, in seconds. */
export interface Cost {
  readonly wall: number;
  /** Of the processors, with all processes that the tests have started and ended. */
  readonly cpu: number;
}

export interface Result {
  readonly part: Part;
  readonly passed: number;
  readonly failed: number;
  readonly cost: Cost;
}

export function inEveryRuntime(
  paths: readonly string[],
  name: string = paths.join(" "),
): Part[] {
  return RUNTIME_NAMES.map((runtime) => ({ runtime, name, paths }));
}

/**
 * Runs a command with one pipe for its output, so that the lines of stdout and stderr stay in
 * order, and prints the processor time of all its processes on the shell's stderr. On Linux the
 * command ends with the shell.
 */
const MEASURED = `
if command -v setpriv >/dev/null; then set -- setpriv --pdeathsig KILL -- "$@"; fi
"$@" 2>&1
code=$?
times >&2
exit $code`;

/** The second line of the shell's `times` is of its children: "1m2.5s 0m3.25s". */
function cpuSeconds(times: string): number {
  const ofChildren = times.trim().split("\n").at(-1) ?? "";
  const all = ofChildren.matchAll(/(\d+)m([\d.]+)s/g);
  return all.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

/** Node would compile each module again in each process and thread. */
const NODE_COMPILE_CACHE = join(CACHE, "node");

/** Tests one part; what it prints is printed at once, or else as a whole at its end. */
export async function run(part: Part, how: "live" | "whole"): Promise<Result> {
  if (how === "live") console.log(`== ${part.runtime} ${part.name}`);
  const command = [...RUNTIMES[part.runtime].test, ...testFiles(part.paths)];
  const begin = performance.now();
  const child = new Child("sh", ["-c", MEASURED, "sh", ...command], {
    env: { NO_COLOR: "1", NODE_COMPILE_CACHE },
    onText: how === "live" ? print : undefined,
  });
  const { code } = await child.exited;
  const cost = { wall: (performance.now() - begin) / 1000, cpu: cpuSeconds(child.stderr) };
  const output = child.stdout;
  if (how === "whole") {
    const seconds = `${Math.round(cost.wall)} s, processor ${Math.round(cost.cpu)} s`;
    print(`== ${part.runtime} ${part.name} (${seconds})\n${output.trimEnd()}\n\n`);
  }
  const { passed, failed } = counted(part.runtime, output);
  // A runner that breaks off has failed, whatever it has counted; so has one that found no test.
  const broken = failed === 0 && (code !== 0 || passed === 0);
  return { part, passed, failed: broken ? 1 : failed, cost };
}

const encoder = new TextEncoder();
function print(text: string): void {
  for (let rest = encoder.encode(text); rest.length > 0;) {
    rest = rest.subarray(Deno.stdout.writeSync(rest));
  }
}
