/**
 * A server's refusal, where libav returns a number without a meaning.
 *
 * libav writes the words of an RTMP server ("Server error: ...") into its log only. The log
 * can be had by a callback alone, and libav's threads must not call JavaScript.
 *
 * @module
 */

import type { CallError } from "../av/check.ts";
import type { StreamErrorFields } from "../core/connection/errors.ts";
import type { MediaUrl } from "../core/connection/url.ts";

/** What libav returns for an answer of level `error`, which is no errno. */
const ANSWERED_NO = -1;
/** A refusal of `connect`, and a server that hung up while the stream was negotiated. */
const NEGOTIATION: ReadonlySet<string> = new Set(["UNKNOWN", "EIO", "EOF", "ECONNRESET", "EPIPE"]);

const USUAL = {
  write: "a wrong user name, password or stream key, or somebody else publishes to this key",
  read: "there is no stream of this name, or user name or password are wrong",
} as const;

/** The words for an RTMP server that has said no; undefined for any other failure. */
export function rtmpRefusal(
  { operation, averror, detail }: CallError,
  { scheme }: MediaUrl,
  role: keyof typeof USUAL,
): Pick<StreamErrorFields, "code" | "reason"> | undefined {
  if (scheme !== "rtmp" && scheme !== "rtmps") return undefined;
  const usual = `usual causes: ${USUAL[role]}`;
  if (averror === ANSWERED_NO) {
    const reason =
      `the server refused the stream, and FFmpeg does not pass its reason on; ${usual}`;
    return { code: "REFUSED", reason };
  }
  if (operation !== "open" || detail === undefined || !NEGOTIATION.has(detail)) return undefined;
  // A look at the certificate fails with the same number.
  if (scheme === "rtmps" && detail === "EIO") return undefined;
  const reason = `the server refused the connection or closed it, and FFmpeg does not pass a ` +
    `reason on; ${usual}, or it has no such application`;
  return { code: "REFUSED", reason };
}

const NOT_BEGUN = {
  write: "the server has refused the stream that was announced, or closed the connection, and " +
    "FFmpeg does not pass its answer on",
  read: "the server has not begun to send: it closed the connection, or redirected PLAY",
} as const;

/** The words for an RTSP server that did not let the stream begin. */
export function rtspRefusal(
  { operation, averror, detail, explanation }: CallError,
  { scheme }: MediaUrl,
  role: keyof typeof NOT_BEGUN,
): Pick<StreamErrorFields, "code" | "reason"> | undefined {
  if (!/^rtsps?$/.test(scheme) || operation !== "open" || explanation) return undefined;
  // libav's muxer makes this number of every answer to RECORD that is not the right one.
  const isRecord = role === "write" && detail === "INVALIDDATA";
  if (averror !== ANSWERED_NO && !isRecord) return undefined;
  return { code: "REFUSED", reason: NOT_BEGUN[role] };
}
