/**
 * What the rest of the package sees of FFmpeg's libraries.
 *
 * @module
 */

import type { NativeMemory } from "./backend/memory.ts";
import type { OwnedCell } from "./backend/thread_end.ts";
import type { FfiBackend, NativeFunctions, Pointer } from "./backend/types.ts";
import type { Layout } from "./layouts/mod.ts";
import type { VerifiedFiles } from "./load/mod.ts";
import type { Release } from "./load/releases.ts";
import type { LibavSymbols, LibraryName } from "./symbols/mod.ts";
import type { OptionalSymbols } from "./symbols/optional.ts";

/** What frees something of libav's: `void f(T **)`, which leaves a NULL; and its library. */
export const FREE_FUNCTIONS = {
  av_frame_free: "avutil",
  av_packet_free: "avcodec",
  avcodec_free_context: "avcodec",
  /** Also of a context to write to. */
  avformat_close_input: "avformat",
} as const satisfies Record<string, LibraryName>;

export type FreeFunction = keyof typeof FREE_FUNCTIONS;

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
  /** The flag without which `DIRECTORY_VARIABLE` was not read; undefined where it was. */
  readonly missingFlag: string | undefined;
  /** What another thread of this process may open without a search and a self-test. */
  readonly verified: VerifiedFiles;
  readonly symbols: NativeFunctions<LibavSymbols>;
  /** What not all releases have. */
  readonly optional: Partial<NativeFunctions<OptionalSymbols>>;
  readonly layout: Layout;
  /** See `Release`. */
  readonly parsedSideData: Release["parsedSideData"];
  /** What the release calls options that newer ones have given another name; see `Release`. */
  /** Whether the certificates of rtsps are verified: from FFmpeg 8.0 on. */
  readonly rtspsVerified: boolean;
  readonly renamed: NonNullable<Release["renamed"]>;
  readonly memory: NativeMemory;
  readonly backend: FfiBackend;
  /** A cell for what that function frees; it does so at the end of the thread, if nobody has before. */
  readonly ownedCell: (free: FreeFunction, value: Pointer | null) => OwnedCell;
  /**
   * libc's `strlen`: given a byte that is 0 it returns 0, given `"\1\0"` it
   * returns 1, which makes it an `AVIOInterruptCB` that needs no JavaScript.
   */
  readonly strlen: Pointer;
}
