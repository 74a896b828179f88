/** The mirror of Debian that this machine's apt uses. */

import { output } from "../support/command.ts";

const DEBIAN = ["Created-By: Packages", "Origin: Debian", "Label: Debian"];

export interface Mirror {
  readonly url: string;
  /** apt's settings of the network, such as a proxy, as lines of its configuration. */
  readonly settings: readonly string[];
}

async function mirrors(): Promise<string[]> {
  const targets = await output(
    "apt's sources",
    "apt-get",
    "indextargets",
    "--format",
    "$(REPO_URI)",
    ...DEBIAN,
  );
  return targets.split("\n").filter((line) => line !== "");
}

export async function findMirror(): Promise<Mirror> {
  let found = await mirrors();
  if (found.length === 0) {
    // apt knows the origin of a source only when it has its lists.
    await output("apt's lists", "apt-get", "update", "-qq");
    found = await mirrors();
  }
  if (found.length === 0) throw new Error("apt's sources have no mirror of Debian");
  const settings = await output(
    "apt's settings",
    ...["apt-config", "dump", "--format", '%f "%v";%n'] as const,
    ...["Acquire::http", "Acquire::https"],
  );
  return { url: found[0]!, settings: settings.split("\n").filter((line) => / "."/.test(line)) };
}
