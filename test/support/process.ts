/** The runtime that the test runs in, and scripts run by the same one. */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { Child, type ChildOptions, type Exit } from "./child.ts";
import { running, RUNTIMES } from "./runtimes.ts";

export const isDeno = running === "deno";
export const isBun = running === "bun";
export const isNode = running === "node";

export interface ScriptFlags {
  /** The runtime's flags; default: all is permitted. */
  permissions?: readonly string[] | undefined;
  /** Whether it forces the collection of garbage; default no. */
  collecting?: boolean | undefined;
}

export interface ScriptOptions extends ScriptFlags {
  env?: Record<string, string | undefined>;
  cwd?: string | undefined;
  /** Milliseconds until the script is killed; default 30 000. */
  timeout?: number | undefined;
}

export interface ScriptResult extends Exit {
  stdout: string;
  stderr: string;
  /** Milliseconds from the start to the end. */
  elapsed: number;
}

/** The words that run a script in this runtime: its path follows, behind other flags. */
export function scriptCommand({ permissions, collecting = false }: ScriptFlags = {}): string[] {
  const { script: [, ...words], permitting, collecting: flags } = RUNTIMES[running];
  return [process.execPath, ...words, ...(permissions ?? permitting), ...(collecting ? flags : [])];
}

/** A script that goes on running: to send it signals, or to leave it alone. */
export function startScript(
  file: string,
  args: readonly string[] = [],
  options: ChildOptions & ScriptFlags = {},
): Child {
  const [command, ...words] = scriptCommand(options);
  const env = { NO_COLOR: "1", ...options.env };
  return new Child(command!, [...words, file, ...args], { ...options, env });
}

/** Runs a script to its end, or to the time-out (`signal` is SIGKILL then). */
export async function runScript(
  file: string,
  args: readonly string[] = [],
  options: ScriptOptions = {},
): Promise<ScriptResult> {
  const { timeout = 30_000, ...rest } = options;
  const begin = performance.now();
  const child = startScript(file, args, rest);
  const timer = setTimeout(() => child.signal("SIGKILL"), timeout);
  const exit = await child.exited;
  clearTimeout(timer);
  const elapsed = performance.now() - begin;
  return { ...exit, stdout: child.stdout, stderr: child.stderr, elapsed };
}

const WORKER = { deno: /^worker-\d+$/, bun: /^Worker$/, node: /^WorkerThread$/ }[running];

/** How many background threads of the program a process has now: a runtime's own come and go. */
export function workersOf(pid: number | "self"): number {
  const names = readdirSync(`/proc/${pid}/task`).map((id) => {
    try {
      return readFileSync(`/proc/${pid}/task/${id}/comm`, "utf8").trim();
    } catch {
      // It ended meanwhile.
      return "";
    }
  });
  return names.filter((name) => WORKER.test(name)).length;
}

export interface ProcessLoad {
  threads: number;
  fds: number;
}

/** What this process holds now: leaks show as a growing number. */
export function threadsAndFds(): ProcessLoad {
  return {
    threads: readdirSync("/proc/self/task").length,
    // Less the descriptor that reads the directory.
    fds: readdirSync("/proc/self/fd").length - 1,
  };
}
