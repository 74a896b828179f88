/**
 * Opens what an attempt writes to.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError, SessionError } from "../../av/check.ts";
import type { Encoder } from "../../av/encoder.ts";
import { notOnList } from "../../av/option_values.ts";
import { exists, Output } from "../../av/output.ts";
import { oddRtspAnswer } from "../../core/connection/odd_answers.ts";
import { CODECS } from "../../core/output/encoders.ts";
import { CONTAINERS } from "../../core/output/output_format.ts";
import type { ControlBlock } from "../../core/shared/control_block.ts";
import { rationalRate } from "../../core/timing/rational.ts";
import type { WriteRequest } from "../../thread/write_protocol.ts";
import { assertCertificateFiles, certificateRefused } from "../certificate.ts";
import { removeFile } from "../remove_file.ts";
import { secondLook } from "../second_look.ts";
import { assertWritable, isPlainFile } from "../special_file.ts";
import { muxerOptions } from "./muxer_options.ts";

/** @throws {SessionError} `WRITE_FAILED` for a file that is there and must stay, or is none. */
export function assertFree(libav: Libav, { media, overwrite, container }: WriteRequest): void {
  if (media.path !== undefined && container === undefined) assertWritable(libav, media.path);
  if (media.path === undefined || overwrite || !exists(libav, media.withCredentials)) return;
  throw new SessionError(
    "open",
    "WRITE_FAILED",
    "the file exists already; the option overwrite: true replaces it",
  );
}

/**
 * Connects, and announces one video stream.
 *
 * @throws {CallError | SessionError}
 */
export function openOutput(
  libav: Libav,
  request: WriteRequest,
  encoder: Encoder,
  { bytes: stop, file }: Pick<ControlBlock, "bytes" | "file">,
): Output {
  const { media, output, fps, fragmented, ffmpeg } = request;
  assertCertificateFiles(libav, request);
  const isNew = media.path !== undefined && !exists(libav, media.withCredentials);
  const video = {
    describe: encoder.describe.bind(encoder),
    timeBase: encoder.timeBase,
    frameRate: rationalRate(fps),
  };
  try {
    return Output.open(libav, [video], {
      url: media.withCredentials,
      muxer: output.muxer,
      connectsItself: output.connectsItself,
      required: ffmpeg.format,
      optional: muxerOptions(request),
      fragmented: fragmented && !output.live,
      alternatives: { containers: media.path === undefined ? [] : CONTAINERS, codecs: CODECS },
      // A file that is stopped is completed all the same.
      stop: media.path === undefined ? stop : undefined,
      file: media.path !== undefined && isPlainFile(libav, media.path) ? file : undefined,
    });
  } catch (error) {
    // An empty file would be in the way of the next attempt.
    if (isNew && media.path !== undefined) removeFile(media.path);
    throw certificateRefused(libav, request, error, stop) ?? explained(libav, request, error, stop);
  }
}

/** The error with its cause: what answers may be no RTSP server at all. */
function explained(libav: Libav, request: WriteRequest, error: unknown, stop: Uint8Array): unknown {
  if (!(error instanceof CallError)) return error;
  const listed = error.detail === "EINVAL" ? notOnList(request.ffmpeg.format) : undefined;
  if (listed) return error.explained(listed);
  if (error.detail === "EPROTONOSUPPORT" && request.media.rules.demuxers.includes("rtsp")) {
    const reason = `the server refuses the transport "${request.transport}"`;
    return error.explained({ code: "REFUSED", reason });
  }
  if (error.detail !== "INVALIDDATA") return error;
  if (!request.media.scheme.startsWith("rtsp")) return error;
  const head = secondLook(libav, request, "OPTIONS", stop);
  // Over TLS it may be the handshake that fails.
  const isVague = head === undefined || head === "" && request.media.scheme === "rtsps";
  const odd = isVague ? undefined : oddRtspAnswer(head!);
  return odd ? error.explained(odd) : error;
}
