/** Directories of libraries that are not what they should be, and what is made of them. */

import { assert, assertEquals, assertExists, assertStringIncludes } from "@std/assert";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { libraryFile } from "../../ffi/load/library_file.ts";
import { DIRECTORY_VARIABLE } from "../../ffi/load/locate.ts";
import { type Release, RELEASES } from "../../ffi/load/releases.ts";
import { openLibav } from "../../ffi/mod.ts";
import { LIBRARIES, type LibraryName } from "../../ffi/symbols/mod.ts";
import { type ChildResult, runChild, scriptPath } from "./child.ts";
import type { Change, Failure, Outcome } from "./load_child.ts";

const { os } = loadBackend().platform;

export const script = scriptPath("load_child.ts", import.meta.url);

/** The release of the libraries here. */
export function live(): Release {
  const row = RELEASES.find(({ name }) => name === openLibav().release);
  assertExists(row);
  return row;
}

/** The file of a library that this process has loaded. */
export async function loadedFile(name: RegExp): Promise<string> {
  const maps = await readFile("/proc/self/maps", "utf8");
  const line = maps.split("\n").find((entry) => name.test(entry));
  assertExists(line, `${name} is not in this process`);
  return line.slice(line.indexOf("/"));
}

/** The real file of one of FFmpeg's libraries. */
export async function realFile(library: LibraryName): Promise<string> {
  const { paths } = openLibav();
  const path = paths[library];
  return isAbsolute(path) ? path : await loadedFile(new RegExp(`/lib${library}\\.so\\.`));
}

/** Its file name in the live release, or of another major. */
export function fileOf(library: LibraryName, major: number = live().majors[library]): string {
  return libraryFile(library, major, os);
}

/** A directory that is gone after `use`. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "rtsp-stream-libav-"));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Links to the real libraries under their own names, but for the changed ones. */
export async function link(
  directory: string,
  changes: Partial<Record<LibraryName, LibraryName | undefined>> = {},
): Promise<void> {
  for (const library of LIBRARIES) {
    const content = library in changes ? changes[library] : library;
    if (content) await symlink(await realFile(content), join(directory, fileOf(library)));
  }
}

export function outcomeOf(result: ChildResult): Outcome {
  assertEquals(result.code, 0, result.stderr);
  return JSON.parse(result.stdout);
}

/** What a child process makes of the libraries in `directory`. */
export async function outcomeIn(directory: string, ...args: string[]): Promise<Outcome> {
  return outcomeOf(await runChild(script, args, { env: { [DIRECTORY_VARIABLE]: directory } }));
}

export async function failureIn(directory: string, changes?: readonly Change[]): Promise<Failure> {
  const { failure } = await outcomeWith(directory, changes);
  assertExists(failure, "the libraries were loaded");
  if (failure.code === "LIBAV_UNSUPPORTED") return failure;
  assertEquals(failure.code, "LIBAV_NOT_FOUND");
  assertStringIncludes(failure.message, directory);
  assert(failure.message.split("\n").length <= 5, failure.message);
  return failure;
}

/** What is made of the libraries when releases with these changes are all that is known. */
export function outcomeWith(directory: string, changes?: readonly Change[]): Promise<Outcome> {
  const args = changes ? [JSON.stringify(changes), live().name] : [];
  return outcomeIn(directory, "load", ...args);
}

/** All majors of the live release, and by so many more. */
export function moved(by: number): Record<LibraryName, number> {
  const { majors } = live();
  const entries = LIBRARIES.map((library) => [library, majors[library] + by]);
  return Object.fromEntries(entries) as Record<LibraryName, number>;
}
