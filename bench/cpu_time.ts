/** User and system seconds of whole processes. */
import { spawn } from "node:child_process";

export interface CpuTime {
  readonly user: number;
  readonly system: number;
  readonly wall: number;
  readonly stdout: string;
}

/** Runs a command to its end and asks the shell what it took (POSIX `times`). */
export async function cpuTime(command: readonly string[]): Promise<CpuTime> {
  const child = spawn("sh", ["-c", '"$@" || exit 1; echo; times', "sh", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => stdout += chunk);
  child.stderr.on("data", (chunk) => stderr += chunk);
  const start = performance.now();
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("close", resolve);
    child.on("error", reject);
  });
  const wall = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`Cannot time ${command.join(" ")}: ${stderr}`);
  const [user, system] = (stdout.trimEnd().split("\n").at(-1) ?? "").split(/\s+/)
    .map(seconds) as [number, number];
  return { user, system, wall, stdout };
}

/** What several runs of one command took, in the middle. */
export interface MedianTime {
  readonly name: string;
  /** User and system seconds. */
  readonly cpu: number;
  readonly wall: number;
}

/** All commands in turn, so that a change of the machine's speed meets all of them alike. */
export async function cpuTimesInTurn(
  commands: readonly (readonly [name: string, command: readonly string[]])[],
  rounds: number,
): Promise<MedianTime[]> {
  const taken = new Map<string, { cpu: number; wall: number }[]>(
    commands.map(([name]) => [name, []]),
  );
  // The first run warms up.
  for (let run = 0; run <= rounds; run++) {
    for (const [name, command] of commands) {
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

/** `1m2.5s` */
function seconds(text: string): number {
  const [, minutes, rest] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(rest);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
