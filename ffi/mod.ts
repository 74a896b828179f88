/**
 * The native room: FFmpeg's shared libraries as typed functions and offsets.
 * It knows C and the two runtimes, and nothing of streams, workers or cameras.
 *
 * @module
 */

import { loadBackend } from "./backend/mod.ts";
import type { Layout } from "./layouts/mod.ts";
import { loadLibc, loadRelease } from "./load/mod.ts";
import { loadedFile } from "./load/loaded_file.ts";
import { NativeMemory } from "./backend/memory.ts";
import type { Release } from "./load/releases.ts";
import { verifyLayout } from "./selftest/mod.ts";
import { unpackVersion, versionText } from "./load/survey.ts";
import { type LibavSymbols, LIBRARIES, type LibraryName } from "./symbols/mod.ts";
import type { FfiBackend, NativeFunctions, Pointer } from "./backend/types.ts";

export { AVERROR, averror, averrorName, type ErrnoName, LibavError } from "./backend/errors.ts";
export {
  cString,
  nativeBytes,
  NativeMemory,
  packRational,
  PointerCell,
  unpackRational,
} from "./backend/memory.ts";
export type { Layout } from "./layouts/mod.ts";
export type { FfiBackend, NativeBuffer, Platform, Pointer } from "./backend/types.ts";

/** FFmpeg's libraries, loaded, of one release, and verified. */
export interface Libav {
  /** The row of `RELEASES` that is used: `"5.1"`, also for 5.0. */
  readonly release: string;
  /** FFmpeg's own version text: `"5.1.9-0+deb12u1"`. */
  readonly version: string;
  /** `"59.27.100"` per library. */
  readonly versions: Readonly<Record<LibraryName, string>>;
  /** The file of each library. */
  readonly paths: Readonly<Record<LibraryName, string>>;
  readonly symbols: NativeFunctions<LibavSymbols>;
  readonly layout: Layout;
  /** See `Release`. */
  readonly parsedSideData: Release["parsedSideData"];
  /** What the release calls options that newer ones have given another name; see `Release`. */
  readonly renamed: NonNullable<Release["renamed"]>;
  readonly memory: NativeMemory;
  readonly backend: FfiBackend;
  /**
   * libc's `strlen`: given a byte that is 0 it returns 0, given `"\1\0"` it
   * returns 1, which makes it an `AVIOInterruptCB` that needs no JavaScript.
   */
  readonly strlen: Pointer;
}

let opened: Libav | undefined;

/**
 * Loads and verifies FFmpeg's libraries on the first call, once per thread.
 *
 * @throws {LibavError} `LIBAV_NOT_FOUND` or `LIBAV_UNSUPPORTED`; a later call
 * tries again.
 */
export function openLibav(): Libav {
  return opened ??= load();
}

const AV_LOG_QUIET = -8;

function load(): Libav {
  const backend = loadBackend();
  const libc = loadLibc(backend);
  const { release, symbols, paths } = loadRelease(backend);
  const memory = new NativeMemory(backend, libc.symbols);
  // libav's own log goes to stderr and prints URLs with their passwords.
  symbols.av_log_set_level(AV_LOG_QUIET);
  const libav: Libav = {
    release: release.name,
    version: memory.readString(symbols.av_version_info()) ?? "",
    versions: byLibrary((library) => versionText(unpackVersion(symbols[`${library}_version`]()))),
    paths: byLibrary((library) =>
      loadedFile(backend, libc.path, paths[library], `${library}_version`)
    ),
    symbols,
    layout: release.layout,
    parsedSideData: release.parsedSideData,
    renamed: release.renamed ?? { rtsp: {} },
    memory,
    backend,
    strlen: backend.symbolAddress(libc.path, "strlen"),
  };
  verifyLayout(libav);
  return libav;
}

function byLibrary(tell: (library: LibraryName) => string): Readonly<Record<LibraryName, string>> {
  const entries = LIBRARIES.map((library) => [library, tell(library)]);
  return Object.fromEntries(entries) as Record<LibraryName, string>;
}
