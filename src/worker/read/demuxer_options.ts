/**
 * The options of demuxers and input protocols, by scheme.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { nativeTls } from "../../core/options/tls_options.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { PICTURE_LIMIT } from "./picture_limit.ts";
import { fourCcsToRead } from "../enhanced_rtmp.ts";

/** libav's own time-outs are a second line behind our deadlines, so they come later. */
const SECOND_LINE_MS = 2_000;
/** The RTSP and UDP sockets' time-out is an `int` of microseconds. */
const MAX_INT = 2 ** 31 - 1;
/** It makes an `int` of milliseconds of them. */
const MAX_LISTEN_SECONDS = 2_000_000;
/** No camera has more; libav's default is 1000. */
const MAX_STREAMS = "64";
/**
 * Microseconds of stream that are looked at for what the header does not say.
 * libav's default waits five seconds for the sound that a header announced.
 */
const ANALYSIS = "1000000";
const BRIEF_ANALYSIS = "500000";
/** `AVDiscard` by the names of its option. */
const SKIP_FRAME = { none: "default", nonref: "noref", nonkey: "nokey" } as const;

/**
 * How many segments that are not there, and playlists without a new one, are tried before the
 * next packet.
 */
export const PLAYLIST_TRIES = "max_reload";
/** `readTimeout` and `openTimeout` come before. */
export const MANY_TRIES = "100000";

type Options = Readonly<Record<string, string>>;

/** Options for the demuxer and its protocols: ours, and those the user has given. */
export function formatOptions(
  libav: Libav,
  request: ReadRequest,
): { readonly optional: Options; readonly required: Options } {
  const { media, container, ffmpeg } = request;
  const demuxers = container ? [...media.rules.demuxers, container] : media.rules.demuxers;
  const names = media.rules.demuxers.includes("rtsp") ? libav.renamed.rtsp : {};
  return {
    optional: {
      protocol_whitelist: protocolsOf(request).join(","),
      format_whitelist: demuxers.join(","),
      max_streams: MAX_STREAMS,
      ...renamed(schemeOptions(libav, request), names),
    },
    required: renamed(ffmpeg.format, names),
  };
}

/** RTSP inside HTTP needs that too. */
function protocolsOf({ media, transport }: ReadRequest): readonly string[] {
  const tunnel = tunnelOf(media.scheme);
  return transport === "http" && tunnel
    ? [...media.rules.protocols, tunnel]
    : media.rules.protocols;
}

/** What an RTSP scheme is tunnelled in. */
function tunnelOf(scheme: string): string | undefined {
  return { rtsp: "http", rtsps: "https" }[scheme];
}

/** The same options by the names of the release in use. */
function renamed(options: Options, names: Options): Options {
  return Object.fromEntries(
    Object.entries(options).map((
      [name, value],
    ) => [Object.hasOwn(names, name) ? names[name] : name, value]),
  );
}

/**
 * Options for the decoder.
 */
export function codecOptions(
  { decode: { threads, skip, waitForKeyframe }, keyframesMissing }: ReadRequest,
  codec: string,
  live: boolean,
): Options {
  return {
    threads: threads === 0 ? "auto" : `${threads}`,
    // Frame threads hold pictures back.
    ...(live ? { thread_type: "slice" } : {}),
    skip_frame: SKIP_FRAME[skip],
    ...PICTURE_LIMIT,
    // HEVC's decoder would keep damaged pictures to itself from FFmpeg 8.0 on, uncounted.
    ...(waitForKeyframe && !keyframesMissing && codec !== "hevc"
      ? {}
      : { flags: "+output_corrupt" }),
  };
}

function schemeOptions(libav: Libav, request: ReadRequest): Options {
  const longest = Math.max(request.openTimeout, request.readTimeout) + SECOND_LINE_MS;
  const microseconds = Math.round(longest * 1000);
  const timeout = `${microseconds}`;
  // What does not fit into it is left to our deadlines.
  const socketTimeout: Options = microseconds <= MAX_INT ? { timeout } : {};
  switch (request.media.scheme) {
    case "rtsp":
    case "rtsps":
      return {
        ...rtspTransport(request),
        ...bufferSize(request),
        ...socketTimeout,
        // What nobody uses is not asked for: a camera may refuse it, and all would be lost.
        allowed_media_types: "video",
        analyzeduration: ANALYSIS,
        // What there is can be looked at before anything is sent.
        ...(listens(request) ? {} : { initial_pause: "1" }),
        ...nativeTls(request.tls),
      };
    case "rtmp":
    case "rtmps":
      // `timeout` would mean: listen.
      return {
        rw_timeout: timeout,
        rtmp_live: "live",
        // From FFmpeg 6.1 on; some servers send these codecs only to those who announce them.
        rtmp_enhanced_codecs: fourCcsToRead(libav).join(","),
        ...nativeTls(request.tls),
        analyzeduration: BRIEF_ANALYSIS,
      };
    case "http":
    case "https":
      return {
        rw_timeout: timeout,
        ...nativeTls(request.tls),
        analyzeduration: ANALYSIS,
        // Where an answer breaks off, and the server grants ranges, the rest is asked for.
        reconnect: "1",
        // Of HLS; some releases would try for as long as they may.
        [PLAYLIST_TRIES]: "3",
      };
    case "udp":
      // A reader that comes late must not end the stream.
      return {
        ...socketTimeout,
        overrun_nonfatal: "1",
        analyzeduration: ANALYSIS,
        ...bufferSize(request),
      };
    case "srt":
      return { rw_timeout: timeout, analyzeduration: ANALYSIS };
    default:
      return {};
  }
}

/** Whether RTSP waits for somebody who sends by himself. */
export function listens({ ffmpeg }: ReadRequest): boolean {
  return ffmpeg.format.rtsp_flags?.includes("listen") === true;
}

function rtspTransport(request: ReadRequest): Options {
  const { media, transport, openTimeout } = request;
  if (listens(request)) {
    // 8.1 and newer refuse their own default of it, which is none.
    const seconds = Math.ceil((openTimeout + SECOND_LINE_MS) / 1000);
    return { listen_timeout: `${Math.min(seconds, MAX_LISTEN_SECONDS)}` };
  }
  // With both, libav asks for TCP first and for UDP after a 461.
  if (transport === "auto") return { rtsp_transport: "tcp+udp", rtsp_flags: "prefer_tcp" };
  const tunnel = transport === "http" ? tunnelOf(media.scheme) : undefined;
  return { rtsp_transport: tunnel ?? transport };
}

function bufferSize({ socketBufferSize }: ReadRequest): Options {
  return socketBufferSize === undefined ? {} : { buffer_size: `${socketBufferSize}` };
}
