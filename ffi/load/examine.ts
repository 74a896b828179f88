/**
 * What is wrong with directories that have some of FFmpeg's libraries and cannot be used.
 *
 * @module
 */

import type { LoadAttempt } from "../backend/errors.ts";
import type { FfiBackend } from "../backend/types.ts";
import { LIBRARIES, type LibraryName } from "../symbols/mod.ts";
import { machinesOf } from "./binary.ts";
import { withFileBytes } from "./file_bytes.ts";
import { findFile, linkTarget } from "./file_kind.ts";
import { libraryFile, libraryPath } from "./library_file.ts";
import type { Release } from "./releases.ts";
import type { Surroundings } from "./surroundings.ts";
import type { FoundLibrary } from "./survey.ts";

/** A directory in which FFmpeg is installed only in part. */
export interface InPart {
  readonly directory: string;
  /** The release that it has most of. */
  readonly release: Release;
  /** What is wrong with it: `"libavformat.so.59 is missing"`. */
  readonly fault: string;
}

interface Search {
  readonly releases: readonly Release[];
  readonly directories: readonly string[];
  /** What could be loaded; it may lie in a directory that only the system's loader knows. */
  readonly found: readonly FoundLibrary[];
  readonly attempts: readonly LoadAttempt[];
}

/** Looks at all directories, in their order. */
export function examine(
  backend: FfiBackend,
  surroundings: Surroundings,
  search: Search,
): readonly InPart[] {
  const { directories, found } = search;
  const more = found.map(({ path }) => path.replace(/[\\/]?[^\\/]*$/, ""));
  const seen = new Set<string>();
  return [...directories, ...more].flatMap((directory) => {
    // One directory may have several names: /lib is often a link to /usr/lib.
    const identity = findFile(backend, directory)?.identity ?? directory;
    if (directory === "" || seen.has(identity)) return [];
    seen.add(identity);
    return lookAt(backend, surroundings, search, directory) ?? [];
  });
}

function lookAt(
  backend: FfiBackend,
  surroundings: Surroundings,
  { releases, found, attempts }: Search,
  directory: string,
): InPart | undefined {
  const { os, arch } = backend.platform;
  const pathOf = (release: Release, library: LibraryName) =>
    libraryPath(directory, libraryFile(library, release.majors[library], os), os);
  const isThere = (path: string) =>
    surroundings.kind(path) === "file" || found.some((one) => one.path === path);
  const isNamed = (path: string) => isThere(path) || linkTarget(backend, path) !== undefined;

  const counts = releases.map((release) =>
    LIBRARIES.filter((library) => isNamed(pathOf(release, library))).length
  );
  const most = Math.max(0, ...counts);
  const release = releases[counts.indexOf(most)];
  if (most === 0 || !release) return undefined;

  const faults: string[] = [];
  const missing: string[] = [];
  const instead: string[] = [];
  const foreign = new Map<string, string[]>();
  for (const library of LIBRARIES) {
    const path = pathOf(release, library);
    const file = libraryFile(library, release.majors[library], os);
    if (!isThere(path)) {
      instead.push(...others(library, release));
      const target = linkTarget(backend, path);
      if (target !== undefined) faults.push(`${file} is a link to ${target}, which is not there`);
      else missing.push(file);
      continue;
    }
    const machines = withFileBytes(backend, path, machinesOf);
    if (!machines || machines.includes(arch)) continue;
    const words = machines.join(" and ");
    foreign.set(words, [...(foreign.get(words) ?? []), file]);
  }
  for (const [machines, files] of foreign) {
    const subject = files.length === LIBRARIES.length ? "its libraries" : files.join(", ");
    faults.push(
      `${subject} ${isOrAre(files)} for processors of the kind ${machines}, and ` +
        `this ${backend.runtime} is for ${arch}`,
    );
  }
  if (missing.length > 0) faults.push(`${missing.join(", ")} ${isOrAre(missing)} missing`);
  if (instead.length > 0) {
    faults.push(`there ${isOrAre(instead)} ${instead.join(", ")}, of another release`);
  }
  if (faults.length === 0) {
    const paths = LIBRARIES.map((library) => pathOf(release, library));
    const attempt = attempts.find(({ path }) => paths.includes(path));
    if (!attempt) return undefined;
    const file = attempt.path.slice(directory.length).replace(/^[\\/]/, "");
    faults.push(`${file} cannot be used: ${loaderWords(attempt)}`);
  }
  return { directory, release, fault: faults.join("; ") };

  /** The files of other releases that are there instead. */
  function others(library: LibraryName, { majors }: Release): readonly string[] {
    const more = releases.filter((one) => one.majors[library] !== majors[library]);
    const there = more.filter((one) => isThere(pathOf(one, library)));
    return [...new Set(there.map((one) => libraryFile(library, one.majors[library], os)))];
  }
}

/** Without what runtimes and loaders put before them: their own words, and the path. */
function loaderWords({ path, reason }: LoadAttempt): string {
  const at = reason.lastIndexOf(`${path}: `);
  const words = at < 0 ? reason : reason.slice(at + path.length + 2);
  return words.replace(/^(?:Could not open library: )+/, "");
}

function isOrAre({ length }: readonly unknown[]): string {
  return length === 1 ? "is" : "are";
}
