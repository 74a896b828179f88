/**
 * The options that libav is opened with, per scheme.
 *
 * @module
 */

import type { Libav } from "../../ffi/mod.ts";
import type { CaptureRequest } from "./protocol.ts";

/** libav's own time-outs are a second line behind our deadlines, so they come later. */
const SECOND_LINE_MS = 2_000;
/** No camera has more; libav's default is 1000. */
const MAX_STREAMS = "64";
/** 7680 x 4320: a stream may declare pictures of any size, and memory is taken for them. */
const MAX_PIXELS = "33177600";
/**
 * Microseconds of stream that are looked at for what the header does not say.
 * libav's default waits five seconds for the sound that a header announced.
 */
const ANALYSIS = "1000000";
const BRIEF_ANALYSIS = "500000";
/** `AVDiscard` by the names of its option. */
const SKIP_FRAME = { none: "default", nonref: "noref", nonkey: "nokey" } as const;

/** Options for the demuxer and its protocols. */
export function formatOptions(libav: Libav, request: CaptureRequest): Record<string, string> {
  const { media, demuxer } = request;
  const demuxers = demuxer ? [...media.rules.demuxers, demuxer] : media.rules.demuxers;
  return {
    protocol_whitelist: media.rules.protocols.join(","),
    format_whitelist: demuxers.join(","),
    max_streams: MAX_STREAMS,
    ...schemeOptions(libav, request),
  };
}

/**
 * Options for the decoder.
 */
export function codecOptions(
  { threads, skip, waitForKeyframe }: CaptureRequest["decode"],
  live: boolean,
): Record<string, string> {
  return {
    threads: threads === 0 ? "auto" : `${threads}`,
    // Frame threads hold pictures back.
    ...(live ? { thread_type: "slice" } : {}),
    skip_frame: SKIP_FRAME[skip],
    max_pixels: MAX_PIXELS,
    ...(waitForKeyframe ? {} : { flags: "+output_corrupt" }),
  };
}

function schemeOptions(libav: Libav, request: CaptureRequest): Record<string, string> {
  const timeout = `${
    Math.round((Math.max(request.openTimeout, request.readTimeout) + SECOND_LINE_MS) * 1000)
  }`;
  switch (request.media.scheme) {
    case "rtsp":
    case "rtsps":
      return {
        ...rtspTransport(request),
        ...bufferSize(request),
        [libav.options.rtspTimeout]: timeout,
        // Sound alone must be told from nothing at all; other data is not asked for.
        allowed_media_types: "video+audio",
        tls_verify: "1",
      };
    case "rtmp":
    case "rtmps":
      // `timeout` would mean: listen.
      return {
        rw_timeout: timeout,
        rtmp_live: "live",
        tls_verify: "1",
        analyzeduration: BRIEF_ANALYSIS,
      };
    case "http":
    case "https":
      return { rw_timeout: timeout, tls_verify: "1", analyzeduration: ANALYSIS };
    case "udp":
      // A reader that comes late must not end the stream.
      return {
        timeout,
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

function rtspTransport({ transport, nativeFormat }: CaptureRequest): Record<string, string> {
  if (nativeFormat.rtsp_flags?.includes("listen")) return {};
  // With both, libav asks for TCP first and for UDP after a 461.
  return transport === "auto"
    ? { rtsp_transport: "tcp+udp", rtsp_flags: "prefer_tcp" }
    : { rtsp_transport: transport };
}

function bufferSize({ socketBufferSize }: CaptureRequest): Record<string, string> {
  return socketBufferSize === undefined ? {} : { buffer_size: `${socketBufferSize}` };
}
