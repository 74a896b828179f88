/** The package as JSR has it: the sources. */

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readManifest, ROOT, writeDocuments } from "./sources.ts";

const SOURCES = ["mod.ts", "ffi", "src"] as const;
/** Of `deno.json`, what a package needs; the rest is for work on it. */
const KEPT = ["name", "version", "license", "exports", "compilerOptions"] as const;

/** `deno.json`, with imports of what the package depends on. */
async function manifest(dependencies: readonly string[]): Promise<string> {
  const own = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  const fields = Object.fromEntries(KEPT.map((name) => [name, own[name]]));
  const imports = Object.fromEntries(dependencies.map((name) => [name, own.imports[name]]));
  return JSON.stringify({ ...fields, imports }, null, 2) + "\n";
}

/**
 * @param directory that has the form in `jsr`
 * @returns the path of the form, in which `deno publish` publishes it
 */
export async function makeJsrForm(directory: string): Promise<string> {
  const form = join(directory, "jsr");
  await rm(form, { recursive: true, force: true });
  await mkdir(form, { recursive: true });
  for (const name of SOURCES) await cp(join(ROOT, name), join(form, name), { recursive: true });
  const npm = await readManifest();
  await writeFile(join(form, "deno.json"), await manifest(Object.keys(npm.dependencies)));
  await writeDocuments(form, npm);
  return form;
}
