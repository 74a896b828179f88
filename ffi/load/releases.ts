/**
 * The FFmpeg releases that are known, newest first. Adding one is a row here
 * and a generated file in `layouts/`.
 *
 * @module
 */

import type { Layout } from "../layouts/mod.ts";
import { layout as release_4_3 } from "../layouts/release_4_3.ts";
import { layout as release_5_1 } from "../layouts/release_5_1.ts";
import { layout as release_6_1 } from "../layouts/release_6_1.ts";
import { layout as release_7_1 } from "../layouts/release_7_1.ts";
import { layout as release_8_0 } from "../layouts/release_8_0.ts";
import { layout as release_8_1 } from "../layouts/release_8_1.ts";
import { layout as release_9_0 } from "../layouts/release_9_0.ts";
import type { LibraryName } from "../symbols/mod.ts";

export interface Release {
  /** The oldest or newest of those that cannot be told apart: `"5.1"`, which is also for 5.0. */
  readonly name: string;
  /** The major version of each library, as in its file name. */
  readonly majors: Readonly<Record<LibraryName, number>>;
  /** The least minor versions, where older releases have the same majors. */
  readonly minors?: Readonly<Partial<Record<LibraryName, number>>> | undefined;
  readonly layout: Layout;
  /**
   * Whose side data a picture has that the parser gives out when the next one begins:
   * that one's, or its own and only where it had none that one's.
   */
  readonly parsedSideData: "next" | "own-or-next";
  /** Whether its RTSP demuxer and muxer take options for TLS, and verify certificates. */
  readonly rtspsVerified?: boolean | undefined;
  /** What this release calls options that newer ones have given another name or meaning. */
  readonly renamed?: {
    /** Of the RTSP demuxer, by the name of today. */
    readonly rtsp: Readonly<Record<string, string>>;
  };
}

/** A library's version, as its `…_version()` function packs it. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

/** Compared with the releases that are known. */
export type Age = "older" | "known" | "newer";

export const RELEASES: readonly Release[] = [
  {
    name: "9.0",
    rtspsVerified: true,
    majors: { avutil: 61, swresample: 7, swscale: 10, avcodec: 63, avformat: 63 },
    layout: release_9_0,
    parsedSideData: "own-or-next",
  },
  {
    name: "8.1",
    rtspsVerified: true,
    majors: { avutil: 60, swresample: 6, swscale: 9, avcodec: 62, avformat: 62 },
    // 8.0 has these majors too.
    minors: { avformat: 12 },
    layout: release_8_1,
    parsedSideData: "own-or-next",
  },
  {
    name: "8.0",
    rtspsVerified: true,
    majors: { avutil: 60, swresample: 6, swscale: 9, avcodec: 62, avformat: 62 },
    layout: release_8_0,
    parsedSideData: "next",
  },
  {
    name: "7.1",
    majors: { avutil: 59, swresample: 5, swscale: 8, avcodec: 61, avformat: 61 },
    layout: release_7_1,
    parsedSideData: "next",
  },
  {
    name: "6.1",
    majors: { avutil: 58, swresample: 4, swscale: 7, avcodec: 60, avformat: 60 },
    layout: release_6_1,
    parsedSideData: "next",
  },
  {
    name: "5.1",
    majors: { avutil: 57, swresample: 4, swscale: 6, avcodec: 59, avformat: 59 },
    layout: release_5_1,
    parsedSideData: "next",
  },
  {
    name: "4.3",
    majors: { avutil: 56, swresample: 3, swscale: 5, avcodec: 58, avformat: 58 },
    // 4.0 has these majors too.
    minors: { avformat: 45 },
    layout: release_4_3,
    parsedSideData: "next",
    // Its `timeout` is how long to wait for a caller, and makes it wait for one.
    renamed: { rtsp: { timeout: "stimeout" } },
  },
];

/** How old a library is. */
export function ageOf(
  releases: readonly Release[],
  library: LibraryName,
  { major, minor }: Version,
): Age {
  const [newest, oldest] = [releases[0], releases[releases.length - 1]];
  if (major > newest!.majors[library]) return "newer";
  const least = oldest!.majors[library];
  const tooOld = major < least || (major === least && minor < (oldest!.minors?.[library] ?? 0));
  return tooOld ? "older" : "known";
}

/** Why a library is not of that release; undefined when it is. */
export function misfit(
  { name, majors, minors }: Release,
  library: LibraryName,
  { major, minor }: Version,
): string | undefined {
  const wanted = majors[library];
  if (major !== wanted) return `has version ${major}, release ${name} needs ${wanted}`;
  const least = minors?.[library] ?? 0;
  if (minor >= least) return undefined;
  return `has version ${major}.${minor}, release ${name} needs ${wanted}.${least} or newer`;
}
