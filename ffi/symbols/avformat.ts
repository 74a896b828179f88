/**
 * libavformat, in the order of its headers.
 *
 * @module
 */

import { fn } from "../backend/types.ts";

export const avformat = {
  // avformat.h: unsigned avformat_version(void);
  avformat_version: fn("u32"),
  // avformat.h: AVFormatContext *avformat_alloc_context(void);
  avformat_alloc_context: fn("pointer"),
  // avformat.h: void avformat_free_context(AVFormatContext *s);
  avformat_free_context: fn("void", "pointer"),
  // avformat.h: AVStream *avformat_new_stream(AVFormatContext *s, const AVCodec *c);
  avformat_new_stream: fn("pointer", "pointer", "pointer"),
  // avformat.h: int avformat_alloc_output_context2(AVFormatContext **ctx, const AVOutputFormat *oformat, const char *format_name, const char *filename);
  avformat_alloc_output_context2: fn("i32", "buffer", "pointer", "buffer", "buffer"),
  // avformat.h: const AVOutputFormat *av_guess_format(const char *short_name, const char *filename, const char *mime_type);
  av_guess_format: fn("pointer", "buffer", "buffer", "buffer"),
  // avformat.h: int avformat_query_codec(const AVOutputFormat *ofmt, enum AVCodecID codec_id, int std_compliance);
  avformat_query_codec: fn("i32", "pointer", "i32", "i32"),
  // avformat.h: const AVInputFormat *av_find_input_format(const char *short_name);
  av_find_input_format: fn("pointer", "buffer"),
  // avformat.h: const AVInputFormat *av_demuxer_iterate(void **opaque);
  av_demuxer_iterate: fn("pointer", "buffer"),
  // avformat.h: int avformat_open_input(AVFormatContext **ps, const char *url, const AVInputFormat *fmt, AVDictionary **options);
  avformat_open_input: fn("i32", "buffer", "buffer", "pointer", "buffer"),
  // avformat.h: int avformat_find_stream_info(AVFormatContext *ic, AVDictionary **options);
  avformat_find_stream_info: fn("i32", "pointer", "buffer"),
  // avformat.h: int av_find_best_stream(AVFormatContext *ic, enum AVMediaType type, int wanted_stream_nb, int related_stream, const AVCodec **decoder_ret, int flags);
  av_find_best_stream: fn("i32", "pointer", "i32", "i32", "i32", "buffer", "i32"),
  // avformat.h: int av_read_frame(AVFormatContext *s, AVPacket *pkt);
  av_read_frame: fn("i32", "pointer", "pointer"),
  // avformat.h: int av_read_play(AVFormatContext *s);
  av_read_play: fn("i32", "pointer"),
  // avformat.h: int av_seek_frame(AVFormatContext *s, int stream_index, int64_t timestamp, int flags);
  av_seek_frame: fn("i32", "pointer", "i32", "i64", "i32"),
  // avformat.h: void avformat_close_input(AVFormatContext **s);
  avformat_close_input: fn("void", "buffer"),
  // avformat.h: int avformat_write_header(AVFormatContext *s, AVDictionary **options);
  avformat_write_header: fn("i32", "pointer", "buffer"),
  // avformat.h: int av_interleaved_write_frame(AVFormatContext *s, AVPacket *pkt);
  av_interleaved_write_frame: fn("i32", "pointer", "pointer"),
  // avformat.h: int av_write_frame(AVFormatContext *s, AVPacket *pkt);
  av_write_frame: fn("i32", "pointer", "pointer"),
  // avio.h: int avio_check(const char *url, int flags);
  avio_check: fn("i32", "buffer", "i32"),
  // avio.h: int avio_open2(AVIOContext **s, const char *url, int flags, const AVIOInterruptCB *int_cb, AVDictionary **options);
  avio_open2: fn("i32", "pointer", "buffer", "i32", "pointer", "buffer"),
  // avio.h: int64_t avio_seek(AVIOContext *s, int64_t offset, int whence);
  avio_seek: fn("i64", "pointer", "i64", "i32"),
  // avio.h: void avio_write(AVIOContext *s, const unsigned char *buf, int size);
  avio_write: fn("void", "pointer", "buffer", "i32"),
  // avio.h: void avio_flush(AVIOContext *s);
  avio_flush: fn("void", "pointer"),
  // avio.h: int avio_read_partial(AVIOContext *s, unsigned char *buf, int size);
  avio_read_partial: fn("i32", "pointer", "buffer", "i32"),
  // avio.h: int avio_read(AVIOContext *s, unsigned char *buf, int size);
  avio_read: fn("i32", "pointer", "buffer", "i32"),
  // avio.h: int64_t avio_size(AVIOContext *s);
  avio_size: fn("i64", "pointer"),
  // avformat.h: int av_probe_input_buffer2(AVIOContext *pb, const AVInputFormat **fmt, const char *url, void *logctx, unsigned int offset, unsigned int max_probe_size);
  av_probe_input_buffer2: fn("i32", "pointer", "buffer", "buffer", "pointer", "u32", "u32"),
  // avio.h: int avio_closep(AVIOContext **s);
  avio_closep: fn("i32", "pointer"),
  // avformat.h: int av_write_trailer(AVFormatContext *s);
  av_write_trailer: fn("i32", "pointer"),
} as const;
