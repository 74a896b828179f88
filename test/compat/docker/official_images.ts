/** What the official images have, as far as the examples use it: made of what is installed here. */

import { copyFile, cp, mkdir, realpath, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ROOT } from "../../../pack/sources.ts";
import { output } from "../../support/command.ts";

interface OfficialImage {
  /** The version and the system in its tag. */
  readonly tag: RegExp;
  /** The program, where this project has installed it, and where the image has it. */
  readonly program: readonly [here: string, there: string];
  /** What else there is. */
  readonly complete?: (root: string) => Promise<void>;
}

/** All are Debian's suite of `debian:*-slim` with a program. */
const IMAGES: Readonly<Record<string, OfficialImage>> = {
  "oven/bun": {
    tag: /^(?<version>[\d.]+)-slim$/,
    program: ["node_modules/.bin/bun", "/usr/local/bin/bun"],
  },
  "denoland/deno": {
    tag: /^debian-(?<version>[\d.]+)$/,
    program: ["node_modules/.bin/deno", "/usr/bin/deno"],
  },
  "node": {
    tag: /^(?<version>[\d.]+)-trixie-slim$/,
    program: ["node_modules/.bin/node", "/usr/local/bin/node"],
    complete: async (root) => {
      await addNpm(root);
      await addLibrary(root, "libatomic.so.1");
    },
  },
};

/**
 * Puts into a root of Debian what the image of that name adds to it.
 *
 * @throws {Error} where the image is not known, or has another version than is installed here
 */
export async function addProgram(root: string, image: string): Promise<void> {
  const [name = "", tag = ""] = image.split(":");
  const known = IMAGES[name];
  const version = tag.match(known?.tag ?? /(?!)/)?.groups?.version;
  if (!known || version === undefined) throw new Error(`What has the image ${image}?`);
  const [here, there] = known.program;
  const program = await realpath(join(ROOT, here));
  const [installed] = (await output(name, program, "--version")).match(/\d+\.\d+\.\d+/) ?? [];
  if (!`${installed}.`.startsWith(`${version}.`)) {
    throw new Error(`The example says ${image}, and ${installed} is installed`);
  }
  await mkdir(dirname(join(root, there)), { recursive: true });
  await copyFile(program, join(root, there));
  await known.complete?.(root);
}

/** npm as it is installed here, where Node's images have it. */
async function addNpm(root: string): Promise<void> {
  const command = await realpath((await output("npm", "sh", "-c", "command -v npm")).trim());
  const there = join(root, "usr/local/lib/node_modules/npm");
  await cp(join(dirname(command), ".."), there, { recursive: true });
  await symlink("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
}

/** A library that the program needs, as it is installed here. */
async function addLibrary(root: string, file: string): Promise<void> {
  const known = await output("ldconfig", "ldconfig", "-p");
  const path = known.split("\n").find((line) => line.trim().startsWith(`${file} `))
    ?.split(" => ")[1];
  if (path === undefined) throw new Error(`${file} is not installed here`);
  await mkdir(dirname(join(root, path)), { recursive: true });
  await copyFile(path, join(root, path));
}
