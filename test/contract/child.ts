/** Scripts run by this runtime, with flags of its own. */

import { fileURLToPath } from "node:url";
import { Child } from "../support/child.ts";
import { scriptCommand } from "../support/process.ts";

export interface ChildResult {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string> | undefined;
  /** Flags for the runtime. */
  flags?: readonly string[] | undefined;
  /** The runtime's permission flags; default all. */
  permissions?: readonly string[] | undefined;
  timeout?: number | undefined;
  /** Its working directory; default: that of this process. */
  cwd?: string | undefined;
}

/** The path of a script beside the test. */
export function scriptPath(name: string, base: string): string {
  return fileURLToPath(new URL(name, base));
}

/** Runs a script to its end, so that a native crash ends the script only. */
export async function runChild(
  file: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<ChildResult> {
  const { env = {}, flags = [], permissions, timeout = 30_000, cwd } = options;
  const [command, ...words] = scriptCommand({ permissions });
  const child = new Child(command!, [...words, ...flags, file, ...args], {
    env: { NO_COLOR: "1", ...env },
    cwd,
  });
  const timer = setTimeout(() => child.signal("SIGKILL"), timeout);
  const exit = await child.exited;
  clearTimeout(timer);
  return { ...exit, stdout: child.stdout, stderr: child.stderr };
}
