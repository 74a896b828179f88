/** Directories that are made once and kept: whole, or not at all. */

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";

const STAMP = ".recipe";

/** Makes the directory anew unless it is of this recipe, and returns it. */
export async function made(
  directory: string,
  recipe: unknown,
  make: (draft: string) => Promise<void>,
): Promise<string> {
  const text = JSON.stringify(recipe);
  const stamp = await readFile(join(directory, STAMP), "utf8").catch(() => "");
  if (stamp === text) return directory;
  await mkdir(dirname(directory), { recursive: true });
  await removeAbandoned(directory);
  const draft = draftOf(directory, process.pid);
  try {
    await make(draft);
    await writeFile(join(draft, STAMP), text);
    await remove(directory);
    await rename(draft, directory);
  } finally {
    await remove(draft);
  }
  return directory;
}

function draftOf(directory: string, owner: number | string): string {
  return `${directory}.draft-${owner}`;
}

/** Drafts of processes that were killed. */
async function removeAbandoned(directory: string): Promise<void> {
  const prefix = basename(draftOf(directory, ""));
  for (const name of await readdir(dirname(directory))) {
    const abandoned = name.startsWith(prefix) && !existsSync(`/proc/${name.slice(prefix.length)}`);
    if (abandoned) await remove(join(dirname(directory), name));
  }
}

function remove(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true });
}
