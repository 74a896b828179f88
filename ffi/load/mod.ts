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
import {
  DIRECTORY_VARIABLE,
  DISTRIBUTION_FILE,
  installAdvice,
  libraryFile,
  libraryPath,
  searchDirectories,
} from "./locate.ts";
import { listing, refusal } from "./refusal.ts";
import { misfit, type Release, RELEASES } from "./releases.ts";
import { survey, unpackVersion } from "./survey.ts";

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
 * Loads the newest release that is complete on this machine.
 *
 * @throws {LibavError} `LIBAV_NOT_FOUND` with every file tried and the reason;
 * `LIBAV_UNSUPPORTED` when what is there is of a release that is not known.
 */
export function loadRelease(
  backend: FfiBackend,
  releases: readonly Release[] = RELEASES,
): LoadedRelease {
  const { platform } = backend;
  const override = backend.env(DIRECTORY_VARIABLE);
  const directories = searchDirectories(platform, {
    override,
    home: backend.env("USERPROFILE"),
    path: backend.env("PATH"),
  });
  const attempts: LoadAttempt[] = [];
  for (const release of releases) {
    for (const directory of directories) {
      const loaded = loadFrom(backend, release, directory, attempts);
      if (loaded) return loaded;
    }
  }
  throw refusal(survey(backend, releases, directories), {
    install: installAdvice(platform.os, backend.fileText(DISTRIBUTION_FILE)),
    releases,
    override,
    missingFlag: backend.missingEnvFlag(DIRECTORY_VARIABLE),
    attempts,
  });
}

function loadFrom(
  backend: FfiBackend,
  release: Release,
  directory: string,
  attempts: LoadAttempt[],
): LoadedRelease | undefined {
  const { os } = backend.platform;
  const symbols: Record<string, unknown> = {};
  const paths: Partial<Record<LibraryName, string>> = {};
  for (const library of LIBRARIES) {
    const path = libraryPath(directory, libraryFile(library, release.majors[library], os), os);
    try {
      Object.assign(symbols, backend.open(path, SYMBOLS[library]).symbols);
      paths[library] = path;
    } catch (error) {
      if (isPermissionError(error)) throw permissionMissing(error);
      note(attempts, { path, reason: reasonOf(error) });
      return undefined;
    }
  }
  const functions = symbols as unknown as NativeFunctions<LibavSymbols>;
  const wrong = wrongVersion(release, functions);
  if (wrong) {
    note(attempts, { path: paths[wrong.library] ?? wrong.library, reason: wrong.reason });
    return undefined;
  }
  return { release, symbols: functions, paths: paths as Record<LibraryName, string> };
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

function permissionMissing(error: unknown): LibavError {
  return new LibavError(
    "LIBAV_NOT_FOUND",
    `Cannot load FFmpeg's shared libraries: native calls are not permitted, ` +
      `run the program with --allow-ffi (${reasonOf(error)})`,
  );
}
