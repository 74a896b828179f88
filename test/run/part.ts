/** One part of the tests: what one process of one runtime tests. */

import { Child } from "../support/child.ts";

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

export interface Part {
  readonly runtime: keyof typeof RUNTIMES;
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

export function inBoth(paths: readonly string[], name: string = paths.join(" ")): Part[] {
  return [{ runtime: "deno", name, paths }, { runtime: "bun", name, paths }];
}

/** The last number of this kind that a runner has printed. */
function last(output: string, pattern: RegExp): number {
  return Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
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

/** Tests one part; what it prints is printed at once, or else as a whole at its end. */
export async function run(part: Part, how: "live" | "whole"): Promise<Result> {
  const { command, ...patterns } = RUNTIMES[part.runtime];
  if (how === "live") console.log(`== ${part.runtime} ${part.name}`);
  const begin = performance.now();
  const child = new Child("sh", ["-c", MEASURED, "sh", ...command, ...part.paths], {
    env: { NO_COLOR: "1" },
    onText: how === "live" ? print : undefined,
  });
  const { code } = await child.exited;
  const cost = { wall: (performance.now() - begin) / 1000, cpu: cpuSeconds(child.stderr) };
  const output = child.stdout;
  if (how === "whole") {
    const seconds = `${Math.round(cost.wall)} s, processor ${Math.round(cost.cpu)} s`;
    print(`== ${part.runtime} ${part.name} (${seconds})\n${output.trimEnd()}\n\n`);
  }
  const passed = last(output, patterns.passed);
  const failed = last(output, patterns.failed);
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
