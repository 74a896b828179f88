/**
 * The native room: FFmpeg's shared libraries as typed functions and offsets.
 * It knows C and the two runtimes, and nothing of streams, workers or cameras.
 *
 * @module
 */

import { loadHeap } from "./backend/heap.ts";
import { NativeMemory } from "./backend/memory.ts";
import { loadBackend } from "./backend/mod.ts";
import { ThreadEnd } from "./backend/thread_end.ts";
import type { FfiBackend, Pointer } from "./backend/types.ts";
import { FREE_FUNCTIONS, type FreeFunction, type Libav } from "./libav.ts";
import { loadedFile } from "./load/loaded_file.ts";
import { DIRECTORY_VARIABLE } from "./load/locate.ts";
import { loadLibc, loadRelease, loadVerified, type VerifiedFiles } from "./load/mod.ts";
import { openOptional } from "./load/optional.ts";
import { unpackVersion, versionText } from "./load/survey.ts";
import { verifyLayout } from "./selftest/mod.ts";
import { LIBRARIES, type LibraryName } from "./symbols/mod.ts";

export * from "./constants.ts";
export { AVERROR, averror, averrorName, type ErrnoName } from "./averror.ts";
export { LibavError } from "./backend/errors.ts";
export { loadHeap } from "./backend/heap.ts";
export { END_SIGNALS, NativeSignals } from "./backend/signals.ts";
export { markThreadEnd, type OwnedCell } from "./backend/thread_end.ts";
export { loadBackend } from "./backend/mod.ts";
export {
  cString,
  nativeBytes,
  NativeMemory,
  packRational,
  PointerCell,
  unpackRational,
} from "./backend/memory.ts";
export { findFile, type FoundFile } from "./load/file_kind.ts";
export { Sockets, type SocketState, type TcpSocket } from "./load/sockets.ts";
export { openSrt, type Srt } from "./load/srt.ts";
export type { Libav } from "./libav.ts";
export type { VerifiedFiles } from "./load/mod.ts";
export type { Layout } from "./layouts/mod.ts";
export type { FfiBackend, NativeBuffer, Platform, Pointer } from "./backend/types.ts";

let opened: Libav | undefined;

/**
 * Loads and verifies FFmpeg's libraries on the first call, once per thread.
 *
 * @param verified those that another thread of this process has verified, which are not searched
 * for and tested again
 * @throws {LibavError} `LIBAV_NOT_FOUND` or `LIBAV_UNSUPPORTED`; a later call
 * tries again.
 */
export function openLibav(verified?: VerifiedFiles): Libav {
  return opened ??= load(verified);
}

const AV_LOG_QUIET = -8;
/**
 * What libav may take at once: a picture of 7680x4320 with 64 bits a pixel and its margins
 * has 270 MB. A server may announce 2 GB, for the body of an RTSP answer for example, and
 * libav takes as much before the first byte is there.
 */
export const LARGEST_BLOCK = 300_000_000;

function load(verified: VerifiedFiles | undefined): Libav {
  const backend = loadBackend();
  const libc = loadLibc(backend);
  const again = verified && loadVerified(backend, verified);
  const { release, symbols, paths } = again ?? loadRelease(backend);
  const memory = new NativeMemory(backend, libc.symbols);
  // libav's own log goes to stderr and prints URLs with their passwords.
  symbols.av_log_set_level(AV_LOG_QUIET);
  symbols.av_max_alloc(BigInt(LARGEST_BLOCK));
  const libav: Libav = {
    release: release.name,
    version: memory.readString(symbols.av_version_info()) ?? "",
    versions: byLibrary((library) => versionText(unpackVersion(symbols[`${library}_version`]()))),
    paths: byLibrary((library) =>
      loadedFile(backend, libc.path, paths[library], `${library}_version`)
    ),
    missingFlag: backend.missingEnvFlag(DIRECTORY_VARIABLE),
    verified: { release: release.name, paths, override: backend.env(DIRECTORY_VARIABLE) },
    symbols,
    optional: openOptional(backend, paths),
    layout: release.layout,
    parsedSideData: release.parsedSideData,
    rtspsVerified: release.rtspsVerified ?? false,
    renamed: release.renamed ?? { rtsp: {} },
    memory,
    backend,
    ownedCell: cellsOf(backend, paths),
    strlen: backend.symbolAddress(libc.path, "strlen"),
  };
  if (!again) verifyLayout(libav);
  return libav;
}

function cellsOf(
  backend: FfiBackend,
  paths: Readonly<Record<LibraryName, string>>,
): Libav["ownedCell"] {
  const end = new ThreadEnd(backend, loadHeap());
  const addresses = new Map<FreeFunction, Pointer>();
  return (free, value) => {
    const address = addresses.get(free) ?? backend.symbolAddress(paths[FREE_FUNCTIONS[free]], free);
    addresses.set(free, address);
    return end.cell(address, value);
  };
}

function byLibrary(tell: (library: LibraryName) => string): Readonly<Record<LibraryName, string>> {
  const entries = LIBRARIES.map((library) => [library, tell(library)]);
  return Object.fromEntries(entries) as Record<LibraryName, string>;
}
