/** The package as npm and Bun install it: JavaScript and types. */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { output } from "../test/support/command.ts";
import { bundleEntries, WORKERS } from "./bundles.ts";
import { type Manifest, readManifest, writeDocuments } from "./sources.ts";

/** Fields of the sources' manifest that the form's has not; the optional ones are runtimes. */
const FOR_DEVELOPMENT = ["devDependencies", "optionalDependencies", "allowScripts", "private"];

interface Entry {
  readonly types: string;
  readonly default: string;
}

/** `./src/cli/main.ts` of the sources is named as its entry: `./cli`. */
function nameOf(entry: string): string {
  return entry === "." ? "mod" : entry.replace(/^\.\//, "");
}

/** The modules of threads are no entries: the form has them in its text. */
function entriesOf({ exports }: Manifest): (readonly [entry: string, path: string])[] {
  const workers = new Set<string>(Object.values(WORKERS));
  return Object.entries(exports).filter(([, path]) => !workers.has(path));
}

function exported(entry: string): Entry {
  const path = `./${nameOf(entry)}`;
  return { types: `${path}.d.ts`, default: `${path}.js` };
}

/**
 * @param directory that has the unpacked form in `npm`, and the packed one beside it
 * @returns the path of the packed form
 */
export async function makeNpmForm(directory: string): Promise<string> {
  const manifest = await readManifest();
  const form = join(directory, "npm");
  await rm(form, { recursive: true, force: true });
  await mkdir(form, { recursive: true });
  const entries = entriesOf(manifest);
  await bundleEntries(
    Object.fromEntries(entries.map(([entry, path]) => [nameOf(entry), path])),
    form,
  );
  await writeDocuments(form, manifest);
  const kept = Object.fromEntries(
    Object.entries(manifest).filter(([field]) => !FOR_DEVELOPMENT.includes(field)),
  );
  const exports = Object.fromEntries(entries.map(([entry]) => [entry, exported(entry)]));
  await writeFile(
    join(form, "package.json"),
    JSON.stringify({ ...kept, exports }, null, 2) + "\n",
  );
  const packed = await output(
    "the npm form",
    "npm",
    "pack",
    form,
    "--json",
    "--pack-destination",
    directory,
  );
  const [{ filename }] = JSON.parse(packed);
  return join(directory, filename);
}
