/**
 * The FFmpeg releases that are known, newest first. Adding one is a row here
 * and a generated file in `layouts/`.
 *
 * @module
 */

import type { LibraryName } from "./symbols/mod.ts";
import { type Layout, release_5_1 } from "./layouts/mod.ts";

export interface Release {
  /** As FFmpeg numbers it: `"5.1"`. */
  readonly name: string;
  /** The major version of each library, as in its file name. */
  readonly majors: Readonly<Record<LibraryName, number>>;
  readonly layout: Layout;
  /** Names of options that not all releases call the same. */
  readonly options: {
    /** The RTSP demuxer's socket time-out in microseconds. */
    readonly rtspTimeout: string;
  };
}

export const RELEASES: readonly Release[] = [
  {
    name: "5.1",
    majors: { avutil: 57, swresample: 4, swscale: 6, avcodec: 59, avformat: 59 },
    layout: release_5_1,
    options: { rtspTimeout: "timeout" },
  },
];
