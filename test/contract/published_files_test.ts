/** What people get when they add the package. */

import { assertEquals } from "@std/assert";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../support/child.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The files of folders of the sources, as paths from the root. */
async function sources(...folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for (
      const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    ) {
      const path = join(entry.parentPath, entry.name).slice(root.length);
      if (entry.isFile()) found.push(path);
    }
  }
  return found;
}

/** The documents and the entry that stand beside the sources. */
const BESIDE = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "mod.ts"];

async function published(command: string, args: readonly string[]): Promise<string> {
  await using child = new Child(command, args, { cwd: root, env: { NO_COLOR: "1" } });
  const { code } = await child.exited;
  assertEquals(code, 0, child.stderr);
  return child.stdout + child.stderr;
}

test("the JSR form is the TypeScript of ffi and src, the documents, and nothing else", async () => {
  const flags = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  const text = await published("deno", flags);
  const prefix = new URL("../../", import.meta.url).href;
  const files = text.split("\n").flatMap((line) => {
    const [file = ""] = line.trim().split(" (");
    return file.startsWith(prefix) ? [file.slice(prefix.length)] : [];
  });
  const code = (await sources("ffi", "src")).filter((file) => file.endsWith(".ts"));
  assertEquals(files.sort(), [...BESIDE, ...code, "deno.json"].sort());
});
