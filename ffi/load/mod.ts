/**
 * Loads the libraries of one release, all or none.
 *
 * @module
 */

import { LibavError, type LoadAttempt } from "../backend/errors.ts";
import { libcFiles } from "../backend/libc_files.ts";
import type { FfiBackend, NativeFunctions, NativeLibrary } from "../backend/types.ts";
import { libc } from "../symbols/libc.ts";
import { type LibavSymbols, LIBRARIES, type LibraryName, SYMBOLS } from "../symbols/mod.ts";
import { examine } from "./examine.ts";
import { linkTarget } from "./file_kind.ts";
import { libraryFile, libraryPath } from "./library_file.ts";
import { loadedFile } from "./loaded_file.ts";
import {
  DIRECTORY_VARIABLE,
  environmentDirectories,
  foreignDirectories,
  PLACE_VARIABLES,
  systemDirectories,
} from "./locate.ts";
import { DISTRIBUTION_FILE } from "./package_managers.ts";
import { listing, refusal } from "./refusal.ts";
import { misfit, type Release, RELEASES } from "./releases.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";
import { type FoundLibrary, survey, unpackVersion } from "./survey.ts";

/** A complete set of loaded libraries. */
export interface LoadedRelease {
  readonly release: Release;
  readonly symbols: NativeFunctions<LibavSymbols>;
  /** The file that each library came from. */
  readonly paths: Readonly<Record<LibraryName, string>>;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isPermissionError(error: unknown): boolean {
  return error instanceof Error && /NotCapable|PermissionDenied/.test(error.name);
}

/** Loads the C library. */
export function loadLibc(backend: FfiBackend): NativeLibrary<typeof libc> {
  const attempts: LoadAttempt[] = [];
  for (const path of libcFiles(backend.platform)) {
    try {
      return backend.open(path, libc);
    } catch (error) {
      if (isPermissionError(error)) throw permissionMissing(error);
      attempts.push({ path, reason: reasonOf(error) });
    }
  }
  throw new LibavError(
    "LIBAV_UNSUPPORTED",
    `Cannot load the C library of this system:${listing(attempts)}`,
    attempts,
  );
}

/** Libraries that another thread of this process has loaded and verified. */
export interface VerifiedFiles {
  readonly release: string;
  /** As they were opened: what is loaded already is found by that. */
  readonly paths: Readonly<Record<string, string>>;
  /** What `DIRECTORY_VARIABLE` was then. */
  readonly override: string | undefined;
}

/** Loads those again; undefined where they are not what would be found now. */
export function loadVerified(
  backend: FfiBackend,
  { release: name, paths, override }: VerifiedFiles,
): LoadedRelease | undefined {
  const release = RELEASES.find((one) => one.name === name);
  if (!release || override !== backend.env(DIRECTORY_VARIABLE)) return undefined;
  try {
    const tables = LIBRARIES.map((one) => backend.open(paths[one] ?? "", SYMBOLS[one]).symbols);
    const symbols: LoadedRelease["symbols"] = Object.assign({}, ...tables);
    if (wrongVersion(release, symbols)) return undefined;
    return { release, symbols, paths: paths as LoadedRelease["paths"] };
  } catch {
    // It is gone meanwhile: whatever is there now has to be found.
    return undefined;
  }
}

/**
 * Loads the newest release that the system has complete; only if it has none, the newest that
 * the environment leads to. `DIRECTORY_VARIABLE` takes the place of both.
 *
 * @throws {LibavError} `LIBAV_NOT_FOUND` where there is none, or none that is whole;
 * `LIBAV_UNSUPPORTED` when what is there is of a release that is not known.
 */
export function loadRelease(
  backend: FfiBackend,
  releases: readonly Release[] = RELEASES,
): LoadedRelease {
  const surroundings = surroundingsOf(backend);
  const override = backend.env(DIRECTORY_VARIABLE) || undefined;
  const rounds = override === undefined
    ? [systemDirectories, environmentDirectories]
    : [() => [override]];
  const attempts: LoadAttempt[] = [];
  const looked: string[] = [];
  for (const directoriesOf of rounds) {
    const directories = directoriesOf(surroundings).filter((one) => !looked.includes(one));
    looked.push(...directories);
    const there = directories.filter((one) => mayHold(surroundings, one));
    for (const release of releases) {
      for (const directory of there) {
        const loaded = loadFrom(backend, surroundings, release, directory, attempts);
        if (loaded) return loaded;
      }
    }
  }
  throw failure(backend, surroundings, { releases, override, attempts, looked });
}

function mayHold({ kind }: Surroundings, directory: string): boolean {
  return directory === "" || kind(directory) !== "nothing";
}

/** What was done in vain. */
interface Search {
  readonly releases: readonly Release[];
  readonly override: string | undefined;
  readonly attempts: readonly LoadAttempt[];
  readonly looked: readonly string[];
}

function failure(
  backend: FfiBackend,
  surroundings: Surroundings,
  { releases, override, attempts, looked }: Search,
): LibavError {
  const { platform } = backend;
  const there = looked.filter((one) => mayHold(surroundings, one));
  const found = survey(backend, surroundings, releases, there).map((one) => withFile(backend, one));
  const variables = PLACE_VARIABLES[platform.os] ?? [];
  return refusal(found, {
    host: {
      ...platform,
      distribution: backend.fileText(DISTRIBUTION_FILE),
      conda: backend.env("CONDA_PREFIX"),
    },
    releases,
    override,
    missingFlag: backend.missingEnvFlag(DIRECTORY_VARIABLE),
    notRead: override ? [] : variables.filter((name) => backend.missingEnvFlag(name)),
    attempts,
    there,
    absent: looked.filter((one) => !there.includes(one)),
    inPart: examine(backend, surroundings, {
      releases,
      directories: override ? there : [...there, ...foreignDirectories(platform)],
      found,
      attempts,
    }),
  });
}

/** With the file that the system's loader has found, where it was asked for a name. */
function withFile(backend: FfiBackend, found: FoundLibrary): FoundLibrary {
  const name = `${found.library}_version`;
  return { ...found, path: loadedFile(backend, loadLibc(backend).path, found.path, name) };
}

/**
 * The order in which libraries are opened. In a directory, what others need comes first, so that
 * they get that one and none of the system's. The system's loader finds by itself what they need:
 * there, what is likeliest to be missing comes first, so that nothing stays loaded of a set that
 * is not whole, for others to be bound to.
 */
const OF_LOADER: readonly LibraryName[] = [
  "avformat",
  "swscale",
  "avcodec",
  "swresample",
  "avutil",
];

function loadFrom(
  backend: FfiBackend,
  surroundings: Surroundings,
  release: Release,
  directory: string,
  attempts: LoadAttempt[],
): LoadedRelease | undefined {
  const { os } = backend.platform;
  const paths = Object.fromEntries(
    LIBRARIES.map((library) => {
      return [
        library,
        libraryPath(directory, libraryFile(library, release.majors[library], os), os),
      ];
    }),
  ) as Record<LibraryName, string>;
  const missing = directory === ""
    ? undefined
    : LIBRARIES.find((library) => surroundings.kind(paths[library]) === "nothing");
  if (missing) {
    note(attempts, { path: paths[missing], reason: absence(backend, paths[missing]) });
    return undefined;
  }
  const symbols: Record<string, unknown> = {};
  for (const library of directory === "" ? OF_LOADER : LIBRARIES) {
    const path = paths[library];
    try {
      Object.assign(symbols, backend.open(path, SYMBOLS[library]).symbols);
    } catch (error) {
      if (isPermissionError(error)) throw permissionMissing(error);
      note(attempts, { path, reason: reasonOf(error) });
      return undefined;
    }
  }
  const functions = symbols as unknown as NativeFunctions<LibavSymbols>;
  const wrong = wrongVersion(release, functions) ?? mixture(backend, paths);
  if (wrong) {
    note(attempts, { path: paths[wrong.library], reason: wrong.reason });
    return undefined;
  }
  return { release, symbols: functions, paths };
}

/** Why a file is not there, of which the loader would only say so. */
function absence(backend: FfiBackend, path: string): string {
  const target = linkTarget(backend, path);
  return target === undefined ? "no such file" : `is a link to ${target}, which is not there`;
}

/** Releases may have the same files, which need not be listed twice. */
function note(attempts: LoadAttempt[], { path, reason }: LoadAttempt): void {
  if (attempts.some((one) => one.path === path && one.reason === reason)) return;
  attempts.push({ path, reason });
}

/** A file name can lie about what is in it: the library itself is asked. */
function wrongVersion(
  release: Release,
  symbols: NativeFunctions<LibavSymbols>,
): { library: LibraryName; reason: string } | undefined {
  for (const library of LIBRARIES) {
    const version = unpackVersion(symbols[`${library}_version`]());
    const reason = misfit(release, library, version);
    if (reason !== undefined) return { library, reason };
  }
  return undefined;
}

/** Which libraries others find their functions in. */
const NEEDED: readonly (readonly [LibraryName, LibraryName])[] = [
  ["avformat", "avcodec"],
  ["avformat", "avutil"],
  ["swscale", "avutil"],
];

/**
 * Whether one of the libraries is bound to a file that is not of this set: one of the same name
 * was in the process before. They would work on two logs and two bounds of memory.
 */
function mixture(
  backend: FfiBackend,
  paths: Readonly<Record<LibraryName, string>>,
): { library: LibraryName; reason: string } | undefined {
  // There, a library is not asked for the functions of those that it needs.
  if (backend.platform.os === "windows") return undefined;
  for (const [library, needed] of NEEDED) {
    const name = `${needed}_version`;
    const [own, bound] = [needed, library].map((one) => {
      return backend.addressOf(backend.symbolAddress(paths[one], name));
    });
    if (own !== bound) {
      return { library, reason: `uses another lib${needed}, which was loaded before` };
    }
  }
  return undefined;
}

function permissionMissing(error: unknown): LibavError {
  return new LibavError(
    "LIBAV_NOT_FOUND",
    `Cannot load FFmpeg's shared libraries: native calls are not permitted, ` +
      `run the program with --allow-ffi (${reasonOf(error)})`,
  );
}
