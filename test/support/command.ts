/** Commands that must succeed. */

import { Child } from "./child.ts";

/** What it printed; throws with the end of what it said when it fails. */
export async function output(what: string, command: string, ...args: string[]): Promise<string> {
  await using child = new Child(command, args, { env: { LC_ALL: "C.UTF-8" } });
  const { code, signal } = await child.exited;
  if (code === 0) return child.stdout;
  const said = child.stderr.trim().split("\n").slice(-15).join("\n");
  throw new Error(`${what}: ${command} ended with ${signal ?? `code ${code}`}\n${said}`);
}
