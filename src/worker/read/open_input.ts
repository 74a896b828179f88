/**
 * Opens what an attempt reads.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError, SessionError } from "../../av/check.ts";
import { probeContainer, type ProbedContainer } from "../../av/container_probe.ts";
import { Input, type InputRequest } from "../../av/input.ts";
import { isNamedAsPlaylist } from "../../core/connection/playlist.ts";
import { assertCertificateFiles, certificateRefused } from "../certificate.ts";
import { assertReadable } from "../special_file.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { formatOptions, MANY_TRIES, PLAYLIST_TRIES } from "./demuxer_options.ts";
import { openFailure, UNREADABLE_PARTS } from "./open_failure.ts";
import { playlistFault } from "./playlist_fault.ts";

/** What libav takes the name of a picture for: a row of files, whose names it makes. */
const FILE_ROW = "image2";
const HLS = "hls";
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
  assertCertificateFiles(libav, request);
  const input: InputRequest = {
    url: media.withCredentials,
    ...formatOptions(libav, request),
    demuxer,
    stop,
  };
  // libav may have had nothing to say of it in time.
  if (request.openedLate && isNamedAsPlaylist(media.withCredentials)) {
    assertLeadsOn(libav, request, input);
  }
  try {
    const opened = Input.open(libav, input);
    return opened.container === HLS ? readsOn(libav, request, input, opened) : opened;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const certificate = certificateRefused(libav, request, error, stop);
    if (certificate) throw certificate;
    const probed = looksAgain(request, input, error)
      ? probeContainer(libav, input, true)
      : undefined;
    const other = otherDemuxer(libav, request, input, error, probed);
    if (other !== undefined) return Input.open(libav, { ...input, demuxer: other });
    if (probed?.demuxer === HLS && error.detail !== "EINVAL") {
      return openWaiting(libav, request, input, error);
    }
    throw openFailure({ libav, request, input, error, probed });
  }
}

/** @throws {SessionError} a playlist leads nowhere */
function assertLeadsOn(libav: Libav, { media }: ReadRequest, input: InputRequest): void {
  if (media.rules.live !== "open-ended") return;
  const fault = playlistFault(libav, input, media.rules.protocols);
  if (fault) throw new SessionError("open", fault.code, fault.reason);
}

/**
 * A playlist that was opened waits for its segments as long as the time-outs allow.
 *
 * @throws {SessionError} none of its own playlists could be had, or they are empty
 */
function readsOn(libav: Libav, request: ReadRequest, input: InputRequest, opened: Input): Input {
  if (!Object.hasOwn(input.required, PLAYLIST_TRIES)) opened.setOption(PLAYLIST_TRIES, MANY_TRIES);
  if (opened.mayGrow || opened.tracks.length > 0) return opened;
  try {
    assertLeadsOn(libav, request, input);
    return opened;
  } catch (error) {
    opened[Symbol.dispose]();
    throw error;
  }
}

/**
 * Waits for the segments of a live playlist, of which some are there.
 *
 * @throws {CallError} there are none
 */
function openWaiting(
  libav: Libav,
  { media }: ReadRequest,
  input: InputRequest,
  error: CallError,
): Input {
  const fault = playlistFault(libav, input, media.rules.protocols);
  if (fault || input.stop[0] !== 0) throw error.explained(fault ?? UNREADABLE_PARTS);
  const optional = { ...input.optional, [PLAYLIST_TRIES]: MANY_TRIES };
  try {
    return Input.open(libav, { ...input, optional });
  } catch (again) {
    throw again instanceof CallError ? again.explained(UNREADABLE_PARTS) : again;
  }
}

/** Whether what is there may say more than libav's code. */
function looksAgain(
  { media: { rules, withCredentials } }: ReadRequest,
  { demuxer, stop }: InputRequest,
  { detail = "" }: CallError,
): boolean {
  if (demuxer !== undefined || stop[0] !== 0) return false;
  if (detail === "EINVAL") return true;
  if (rules.live !== "open-ended") return false;
  // A wrong password is not given once more.
  if (detail === "HTTP_UNAUTHORIZED" || detail === "HTTP_FORBIDDEN") return false;
  // What a playlist names may be missing.
  if (isNamedAsPlaylist(withCredentials)) return true;
  return detail === "INVALIDDATA" || detail === "EIO" || detail === "EOF";
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
