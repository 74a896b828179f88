/** The runtime that the test runs in, and scripts run by the same one. */

import { readdirSync } from "node:fs";
import process from "node:process";
import { Child, type ChildOptions, type Exit } from "./child.ts";

export const isDeno = process.versions.deno !== undefined;
export const isBun = process.versions.bun !== undefined;

export interface Permissions {
  /** Deno's flags; default: all is permitted. */
  permissions?: readonly string[] | undefined;
}

export interface ScriptOptions extends Permissions {
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

/** A script that goes on running: to send it signals, or to leave it alone. */
export function startScript(
  file: string,
  args: readonly string[] = [],
  { permissions = ["-A"], ...options }: ChildOptions & Permissions = {},
): Child {
  const run = isDeno ? ["run", "--no-prompt", ...permissions, file] : [file];
  const env = { NO_COLOR: "1", ...options.env };
  return new Child(process.execPath, [...run, ...args], { ...options, env });
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
