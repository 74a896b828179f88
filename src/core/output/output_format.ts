/**
 * Where frames can be written to: muxers by scheme and file extension.
 *
 * @module
 */

import type { MediaUrl } from "../connection/url.ts";
import { FRAGMENT_MS } from "../timing/fragment_clock.ts";

/** How a stream is written. */
export interface OutputFormat {
  /** libav's name of the muxer. */
  readonly muxer: string;
  /** A server or a network takes it: the newest frame counts, and a lost connection is made again. */
  readonly live: boolean;
  /** The muxer makes its own connection; for others there is an AVIOContext. */
  readonly connectsItself: boolean;
  /** Parameter sets belong into the header, not into the stream. */
  readonly globalHeader: boolean;
}

/** By scheme; a file's follows from its name. */
const MUXER_OF_SCHEME: Readonly<Record<string, string>> = {
  rtsp: "rtsp",
  rtsps: "rtsp",
  rtmp: "flv",
  rtmps: "flv",
  srt: "mpegts",
  udp: "mpegts",
};

const MUXER_OF_EXTENSION: Readonly<Record<string, string>> = {
  mp4: "mp4",
  m4v: "mp4",
  mov: "mov",
  mkv: "matroska",
  flv: "flv",
  ts: "mpegts",
  mts: "mpegts",
  avi: "avi",
};

/** `AVFMT_GLOBALHEADER` of libavformat. */
const MUXERS_WITH_GLOBAL_HEADER: ReadonlySet<string> = new Set([
  "mp4",
  "mov",
  "matroska",
  "flv",
  "rtsp",
]);

/**
 * Muxer options of files that can be played up to their last fragment. MP4 and MOV also
 * begin one with a keyframe. See `FragmentClock`.
 */
export const FRAGMENTED: Readonly<Record<string, string>> = {
  movflags: "+frag_keyframe+delay_moov+default_base_moof",
  frag_duration: `${FRAGMENT_MS * 1000}`,
  cluster_time_limit: `${FRAGMENT_MS}`,
  flush_packets: "1",
};

/** Muxers that can be asked for by name. */
export const CONTAINERS: readonly string[] = [...new Set(Object.values(MUXER_OF_EXTENSION))];

/** Extensions of file names that stand for a container, the usual one first. */
export function extensionsOf(container: string): readonly string[] {
  return Object.keys(MUXER_OF_EXTENSION).filter((name) => MUXER_OF_EXTENSION[name] === container);
}

/**
 * The target of a URL or path.
 *
 * @param container a muxer of {@linkcode CONTAINERS}, in place of what the URL says
 * @throws {TypeError} Nothing can be published there.
 */
export function outputFormatOf(media: MediaUrl, container?: string): OutputFormat {
  const muxer = muxerOf(media, container);
  return {
    muxer,
    live: media.path === undefined,
    connectsItself: muxer === "rtsp",
    globalHeader: MUXERS_WITH_GLOBAL_HEADER.has(muxer),
  };
}

function muxerOf({ scheme, path, redacted }: MediaUrl, container: string | undefined): string {
  if (path === undefined) {
    const muxer = MUXER_OF_SCHEME[scheme];
    if (muxer !== undefined) {
      if (container === undefined || container === muxer) return muxer;
      throw new TypeError(`container must be "${muxer}" for ${scheme}, got "${container}"`);
    }
    throw new TypeError(
      `Cannot publish to ${redacted}: the scheme must be one of ` +
        `${Object.keys(MUXER_OF_SCHEME).join(", ")}, or a file path`,
    );
  }
  if (container !== undefined) return container;
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  if (Object.hasOwn(MUXER_OF_EXTENSION, extension)) return MUXER_OF_EXTENSION[extension]!;
  throw new TypeError(
    `Cannot write ${redacted}: the extension must be one of ` +
      `.${
        Object.keys(MUXER_OF_EXTENSION).join(" .")
      }, or the option container must name the format`,
  );
}
