/** What the packed forms are made of. */

import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { absoluteLinks } from "./links.ts";

export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));
/** Beside the code, in every form. */
const DOCUMENTS = ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"] as const;

/** `package.json` of the sources. */
export interface Manifest {
  readonly [field: string]: unknown;
  /** Entries of the package by the modules of the sources. */
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly repository: { readonly type: "git"; readonly url: string };
}

export async function readManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
}

/** The repository's address on the web. */
function addressOf({ repository }: Manifest): string {
  return repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
}

/** Copies the documents; their links are to the repository where they leave the form. */
export async function writeDocuments(directory: string, manifest: Manifest): Promise<void> {
  for (const name of DOCUMENTS) {
    if (!name.endsWith(".md")) await copyFile(join(ROOT, name), join(directory, name));
    else {
      const text = await readFile(join(ROOT, name), "utf8");
      await writeFile(join(directory, name), absoluteLinks(text, addressOf(manifest)));
    }
  }
}
