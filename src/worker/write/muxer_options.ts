/**
 * The options of muxers and output protocols, by scheme.
 *
 * @module
 */

import { nativeTls } from "../../core/options/tls_options.ts";
import type { WriteRequest } from "../../thread/write_protocol.ts";
import { fourCcToWrite } from "../enhanced_rtmp.ts";

/** libav's own time-outs are a second line behind our deadlines, so they come later. */
const SECOND_LINE_MS = 2_000;
/** What one UDP datagram holds without being cut: seven packets of MPEG-TS. */
const TS_DATAGRAM = "1316";

/** Options for the muxer and its protocols. */
export function muxerOptions(request: WriteRequest): Record<string, string> {
  const { media, output } = request;
  return {
    protocol_whitelist: media.rules.protocols.join(","),
    // A live frame must not wait in a buffer for the next.
    ...(output.live ? { flush_packets: "1" } : {}),
    ...schemeOptions(request),
  };
}

function schemeOptions(request: WriteRequest): Record<string, string> {
  const longest = Math.max(request.openTimeout, request.writeTimeout) + SECOND_LINE_MS;
  const timeout = `${Math.round(longest * 1000)}`;
  switch (request.media.scheme) {
    case "rtsp":
    case "rtsps":
      return { rtsp_transport: request.transport, ...nativeTls(request.tls), pkt_size: "1400" };
    case "rtmp":
    case "rtmps":
      // `timeout` would mean: listen.
      return {
        rw_timeout: timeout,
        tcp_nodelay: "1",
        ...nativeTls(request.tls),
        flvflags: "no_duration_filesize",
        ...announcement(request),
      };
    case "udp":
      return { pkt_size: TS_DATAGRAM };
    case "srt":
      return { rw_timeout: timeout, pkt_size: TS_DATAGRAM };
    default:
      return {};
  }
}

/** From FFmpeg 6.1 on, which is the first that writes these codecs as FLV. */
function announcement({ codec }: WriteRequest): Record<string, string> {
  const fourCc = fourCcToWrite(codec);
  return fourCc === undefined ? {} : { rtmp_enhanced_codecs: fourCc };
}
