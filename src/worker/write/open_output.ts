/**
 * Opens what an attempt writes to.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { SessionError } from "../../av/check.ts";
import type { Encoder } from "../../av/encoder.ts";
import { exists, Output } from "../../av/output.ts";
import { CODECS } from "../../core/output/encoders.ts";
import { CONTAINERS } from "../../core/output/output_format.ts";
import { rationalRate } from "../../core/timing/rational.ts";
import type { WriteRequest } from "../../thread/write_protocol.ts";
import { certificateRefused } from "../certificate.ts";
import { removeFile } from "../remove_file.ts";
import { assertWritable } from "../special_file.ts";
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
 * @param stop begins with the stop byte
 * @throws {CallError | SessionError}
 */
export function openOutput(
  libav: Libav,
  request: WriteRequest,
  encoder: Encoder,
  stop: Uint8Array,
): Output {
  const { media, output, fps, fragmented, ffmpeg } = request;
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
      stop,
    });
  } catch (error) {
    // An empty file would be in the way of the next attempt.
    if (isNew && media.path !== undefined) removeFile(media.path);
    throw certificateRefused(libav, request, error, stop) ?? error;
  }
}
