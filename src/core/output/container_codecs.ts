/**
 * Which codec goes into which container. libav is asked; here stands what its answer
 * leaves open, and what is said when they do not fit.
 *
 * @module
 */

import { extensionsOf } from "./output_format.ts";

/**
 * libav's answer (`avformat_query_codec`), of the release in use: whether a muxer takes a
 * codec; undefined where it does not know.
 */
export type ContainerQuery = (muxer: string, codec: string) => boolean | undefined;

/**
 * Of muxers that answer for no more than their default. MPEG-TS has a type of stream for
 * these (ISO/IEC 13818-1, table 2-34), and libav writes all others as private data, which
 * nobody reads; RTP has a payload format for these.
 */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  mpegts: ["h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "cavs", "dirac", "vc1"],
  rtsp: ["h263", "h264", "hevc", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "vp8", "vp9"],
};

/** libav has a tag for these, but writes no file with it: no specification has them. */
const UNOFFICIAL: Readonly<Record<string, readonly string[]>> = {
  flv: ["mpeg4", "h263"],
};

/** In place of libav's first choice: Apple's players take no `hev1`. */
const TAGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mp4: { hevc: "hvc1" },
  mov: { hevc: "hvc1" },
};

/** Whether others can read the codec out of the container. */
export function fits(ask: ContainerQuery, muxer: string, codec: string): boolean {
  if (UNOFFICIAL[muxer]?.includes(codec)) return false;
  // What is in no list is left to the muxer.
  return ask(muxer, codec) ?? TAKEN[muxer]?.includes(codec) ?? true;
}

/** The four characters by which the container names the codec; undefined for libav's choice. */
export function codecTag(muxer: string, codec: string): string | undefined {
  return TAGS[muxer]?.[codec];
}

/** What could stand in the place of a container and of a codec. */
export interface Alternatives {
  readonly containers: readonly string[];
  readonly codecs: readonly string[];
}

/** Why a codec that does not fit is refused, and what would fit. */
export function misfit(
  ask: ContainerQuery,
  muxer: string,
  codec: string,
  { containers, codecs }: Alternatives,
): string {
  const fitting = containers
    .filter((container) => fits(ask, container, codec))
    .map((container) => `${container} (.${extensionsOf(container)[0]})`);
  const others = codecs.filter((other) => fits(ask, muxer, other));
  const ways = [
    ...(fitting.length > 0 ? [`${codec} fits into ${list(fitting)}`] : []),
    ...(others.length > 0 ? [`${muxer} takes ${list(others)}`] : []),
  ];
  return [`the container ${muxer} cannot carry ${codec} with this FFmpeg`, ...ways].join("; ");
}

function list(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " and $1");
}
