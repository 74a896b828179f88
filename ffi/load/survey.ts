/**
 * Which of FFmpeg's libraries are installed, in any version: the error text lists
 * them when none can be used.
 *
 * @module
 */

import { type FfiBackend, fn, type Pointer, type SymbolTable } from "../backend/types.ts";
import { LIBRARIES, type LibraryName } from "../symbols/mod.ts";
import { libraryFile, libraryPath } from "./library_file.ts";
import type { Surroundings } from "./surroundings.ts";
import { type Age, ageOf, type Release, type Version } from "./releases.ts";

/** How many majors are looked for beyond the known ones; FFmpeg makes about one a year. */
const BEYOND = 8;

/** One library file that could be loaded. */
export interface FoundLibrary {
  readonly library: LibraryName;
  readonly path: string;
  readonly version: Version;
  readonly age: Age;
  /** FFmpeg's own version text, where the library tells: `"10.0.1"`. */
  readonly ffmpeg?: string | undefined;
}

/** The three numbers in what `avutil_version()` and the like return. */
export function unpackVersion(packed: number): Version {
  return { major: packed >>> 16, minor: (packed >>> 8) & 0xff, micro: packed & 0xff };
}

/** `"59.27.100"` */
export function versionText({ major, minor, micro }: Version): string {
  return `${major}.${minor}.${micro}`;
}

/** Loads what there is in the directories. Nothing is called but the version functions. */
export function survey(
  backend: FfiBackend,
  { kind }: Surroundings,
  releases: readonly Release[],
  directories: readonly string[],
): readonly FoundLibrary[] {
  const { os } = backend.platform;
  const found: FoundLibrary[] = [];
  const seen = new Set<string>();
  for (const directory of directories) {
    for (const library of LIBRARIES) {
      for (const major of majorsAround(releases, library)) {
        const path = libraryPath(directory, libraryFile(library, major, os), os);
        if (directory !== "" && kind(path) === "nothing") continue;
        const one = look(backend, releases, library, path);
        // The loader's own directories may be among those that are listed.
        const key = one && `${library} ${versionText(one.version)}`;
        if (!key || seen.has(key)) continue;
        seen.add(key);
        found.push(one);
      }
    }
  }
  return found;
}

/** The known majors of a library and those around, newest first. */
function majorsAround(releases: readonly Release[], library: LibraryName): readonly number[] {
  const majors = releases.map((release) => release.majors[library]);
  const newest = Math.max(...majors) + BEYOND;
  const oldest = Math.max(0, Math.min(...majors) - BEYOND);
  return Array.from({ length: newest - oldest + 1 }, (_, i) => newest - i);
}

function look(
  backend: FfiBackend,
  releases: readonly Release[],
  library: LibraryName,
  path: string,
): FoundLibrary | undefined {
  const name = `${library}_version`;
  const packed = call<number>(backend, path, name, { [name]: fn("u32") });
  if (packed === undefined) return undefined;
  const version = unpackVersion(packed);
  const text = library === "avutil"
    ? call<Pointer>(backend, path, "av_version_info", { av_version_info: fn("pointer") })
    : undefined;
  return {
    library,
    path,
    version,
    age: ageOf(releases, library, version),
    ffmpeg: text && backend.readString(text),
  };
}

function call<T>(
  backend: FfiBackend,
  path: string,
  name: string,
  table: SymbolTable,
): T | undefined {
  try {
    return backend.open(path, table).symbols[name]?.() as T | undefined;
  } catch {
    return undefined;
  }
}
