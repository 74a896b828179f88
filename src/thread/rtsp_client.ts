/**
 * Which client reads an RTSP stream: that of this package, or libavformat.
 *
 * @module
 */

import type { MediaUrl } from "../core/connection/url.ts";
import type { ResolvedStreamOptions } from "../core/options/stream_options.ts";
import { runtime } from "../runtime/mod.ts";

/** What speaks for libavformat from the beginning; undefined: the client of this package begins. */
export function whyLibavformat(
  media: MediaUrl,
  { rtspClient, transport, container, ffmpeg }: ResolvedStreamOptions,
): string | undefined {
  if (media.scheme !== "rtsp" && media.scheme !== "rtsps") return "it is not RTSP";
  if (rtspClient !== "auto") return rtspClient === "libav" ? 'rtspClient is "libav"' : undefined;
  if (transport === "http" || transport === "udp_multicast") return `the transport "${transport}"`;
  if (container !== undefined) return `container is "${container}"`;
  if (Object.keys(ffmpeg.format).length > 0) return "native options of ffmpeg.format";
  // Asking for what is not granted would prompt in a terminal.
  return runtime.mayConnect(media.host ?? "") ? undefined : "--allow-net is not given";
}
