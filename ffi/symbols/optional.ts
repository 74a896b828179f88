/**
 * Functions that not all releases have, by library. Each is asked for by itself.
 *
 * @module
 */

import { fn } from "../backend/types.ts";

export const OPTIONAL = {
  avformat: {
    // avformat.h: AVRational av_guess_sample_aspect_ratio(AVFormatContext *format, AVStream *stream, struct AVFrame *frame);
    av_guess_sample_aspect_ratio: fn("rational", "pointer", "pointer", "pointer"),
    // avformat.h, up to 7.1: uint8_t *av_stream_get_side_data(const AVStream *stream, enum AVPacketSideDataType type, size_t *size);
    av_stream_get_side_data: fn("pointer", "pointer", "i32", "buffer"),
    // avformat.h, up to 7.1: uint8_t *av_stream_new_side_data(AVStream *stream, enum AVPacketSideDataType type, size_t size);
    av_stream_new_side_data: fn("pointer", "pointer", "i32", "usize"),
  },
} as const;

/** All optional functions in one table. */
export type OptionalSymbols = (typeof OPTIONAL)["avformat"];
