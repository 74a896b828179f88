/**
 * Opens what an attempt reads.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError } from "../../av/check.ts";
import { probeContainer, type ProbedContainer } from "../../av/container_probe.ts";
import { Input, type InputRequest } from "../../av/input.ts";
import { certificateRefused } from "../certificate.ts";
import { assertReadable } from "../special_file.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { formatOptions } from "./demuxer_options.ts";
import { openFailure } from "./open_failure.ts";

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
    const probed = looksAgain(request, input, error)
      ? probeContainer(libav, input, true)
      : undefined;
    const other = otherDemuxer(libav, request, input, error, probed);
    if (other !== undefined) return Input.open(libav, { ...input, demuxer: other });
    throw openFailure({ libav, request, input, error, probed });
  }
}

/** Whether what is there may say more than libav's code. */
function looksAgain(
  { media: { rules } }: ReadRequest,
  { demuxer, stop }: InputRequest,
  { detail }: CallError,
): boolean {
  if (demuxer !== undefined || stop[0] !== 0) return false;
  return detail === "EINVAL" ||
    rules.live === "open-ended" && (detail === "INVALIDDATA" || detail === "EIO");
}

/** The demuxer of what libav does not take for what it is; undefined when there is no better one. */
function otherDemuxer(
  libav: Libav,
  { media: { rules } }: ReadRequest,
  input: InputRequest,
  { detail }: CallError,
  probed: ProbedContainer | undefined,
): string | undefined {
  if (detail === "INVALIDDATA") return isMultipart(probed?.contentType) ? BARE_PICTURES : undefined;
  if (detail !== "EINVAL" || probed?.demuxer !== FILE_ROW) return undefined;
  const content = probeContainer(libav, input, false)?.demuxer;
  return content !== undefined && rules.demuxers.includes(content) ? content : undefined;
}

/** RFC 2046, 5.1. */
function isMultipart(contentType = ""): boolean {
  return /^multipart\//i.test(contentType);
}
