/**
 * Opens what an attempt reads.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError, type Explanation } from "../../av/check.ts";
import { probeContainer } from "../../av/container_probe.ts";
import { Input, type InputRequest } from "../../av/input.ts";
import { certificateRefused } from "../certificate.ts";
import { assertReadable } from "../special_file.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { formatOptions } from "./demuxer_options.ts";
import { passwordRefused } from "./refused_password.ts";

/** What libav takes the name of a picture for: a row of files, whose names it makes. */
const FILE_ROW = "image2";
/** Takes JPEG pictures, whatever is between them. */
export const BARE_PICTURES = "mjpeg";

/**
 * Connects and reads the header.
 *
 * @param demuxer in place of the one that libav finds
 * @param stop begins with the stop byte
 * @throws {CallError | SessionError}
 */
export function openInput(
  libav: Libav,
  request: ReadRequest,
  demuxer: string | undefined,
  stop: Uint8Array,
): Input {
  const { media } = request;
  if (media.path !== undefined && request.container === undefined) {
    assertReadable(libav, media.path);
  }
  const input: InputRequest = {
    url: media.withCredentials,
    ...formatOptions(libav, request),
    demuxer,
    stop,
  };
  try {
    return Input.open(libav, input);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const certificate = certificateRefused(libav, request, error, stop);
    if (certificate) throw certificate;
    const refused = transportRefused(error, request) ??
      passwordRefused(libav, request, stop, error);
    if (refused) throw error.explained(refused);
    const other = demuxer === undefined && stop[0] === 0
      ? otherDemuxer(libav, request, input, error)
      : undefined;
    if (other === undefined) throw error;
    return Input.open(libav, { ...input, demuxer: other });
  }
}

/**
 * The demuxer of what libav does not take for what it is.
 *
 * @returns undefined when there is no better one
 * @throws {CallError} with the container that is not allowed
 */
function otherDemuxer(
  libav: Libav,
  { media: { rules, scheme } }: ReadRequest,
  input: InputRequest,
  error: CallError,
): string | undefined {
  const named = error.detail === "EINVAL";
  if (rules.live !== "open-ended" && !named) return undefined;
  if (!named && error.detail !== "INVALIDDATA" && error.detail !== "EIO") return undefined;
  const probed = probeContainer(libav, input, true);
  if (!named) {
    if (isMultipart(probed?.contentType)) return BARE_PICTURES;
    if (!isPage(probed?.contentType)) return undefined;
    throw error.explained({ code: "INVALID_DATA", reason: pageInstead(probed!.contentType) });
  }
  if (probed === undefined && rules.live === "open-ended") {
    throw error.explained({ code: "PROTOCOL_BLOCKED", reason: redirected(scheme) });
  }
  const found = probed?.demuxer;
  if (found === undefined) return undefined;
  if (found === FILE_ROW) {
    const content = probeContainer(libav, input, false)?.demuxer;
    if (content !== undefined && rules.demuxers.includes(content)) return content;
  }
  const reason = rules.demuxers.includes(found)
    ? `its container is "${found}", but something in it, or the value of a native option, is not ` +
      `allowed`
    : `its container is "${found}", which is not allowed for ${scheme} by itself; ` +
      `the option container: "${found}" allows it`;
  throw error.explained({ code: "PROTOCOL_BLOCKED", reason });
}

/** RFC 2046, 5.1. */
function isMultipart(contentType = ""): boolean {
  return /^multipart\//i.test(contentType);
}

/** What a browser shows, and no player. */
function isPage(contentType = ""): boolean {
  return /^(?:text\/(?:html|plain|xml)|application\/(?:json|xml|xhtml\+xml))\b/i.test(contentType);
}

function pageInstead(contentType: string): string {
  return `the server sent no video but a text (${contentType}), such as a page to log in or an ` +
    `error: open the URL in a browser`;
}

function redirected(scheme: string): string {
  return `the server redirects to a protocol that is not allowed for ${scheme}, or a native ` +
    `option has a wrong value`;
}

/** What libav's code for a refused transport (461), or tunnel, does not say. */
function transportRefused(
  { detail }: CallError,
  { media, transport }: ReadRequest,
): Explanation | undefined {
  if (!media.rules.demuxers.includes("rtsp")) return undefined;
  if (detail === "EIO" && transport === "http") {
    const reason = 'RTSP over HTTP (transport "http") was refused, or nobody listens there';
    return { code: "REFUSED", reason };
  }
  if (detail !== "EPROTONOSUPPORT") return undefined;
  const reason = transport === "auto"
    ? "the server refuses to send over TCP and over UDP"
    : `the server refuses the transport "${transport}"; "auto" takes TCP or UDP, as the server can`;
  return { code: "REFUSED", reason };
}
