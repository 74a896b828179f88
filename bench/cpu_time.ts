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
  const [user, system] = (stdout.trimEnd().split("\n").at(-1) ?? "").split(/\s+/).map(seconds);
  return { user, system, wall, stdout };
}

/** `1m2.5s` */
function seconds(text: string): number {
  const [, minutes, rest] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(rest);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
