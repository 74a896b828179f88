/**
 * libavutil, in the order of its headers.
 *
 * @module
 */

import { fn } from "../backend/types.ts";

export const avutil = {
  // avutil.h: unsigned avutil_version(void);
  avutil_version: fn("u32"),
  // avutil.h: const char *av_version_info(void);
  av_version_info: fn("pointer"),
  // dict.h: AVDictionaryEntry *av_dict_get(const AVDictionary *m, const char *key, const AVDictionaryEntry *prev, int flags);
  av_dict_get: fn("pointer", "pointer", "buffer", "pointer", "i32"),
  // dict.h: int av_dict_set(AVDictionary **pm, const char *key, const char *value, int flags);
  av_dict_set: fn("i32", "buffer", "buffer", "buffer", "i32"),
  // dict.h: void av_dict_free(AVDictionary **m);
  av_dict_free: fn("void", "buffer"),
  // error.h: int av_strerror(int errnum, char *errbuf, size_t errbuf_size);
  av_strerror: fn("i32", "i32", "buffer", "usize"),
  // frame.h: AVFrame *av_frame_alloc(void);
  av_frame_alloc: fn("pointer"),
  // frame.h: void av_frame_free(AVFrame **frame);
  av_frame_free: fn("void", "buffer"),
  // frame.h: int av_frame_ref(AVFrame *dst, const AVFrame *src);
  av_frame_ref: fn("i32", "pointer", "pointer"),
  // frame.h: int av_frame_get_buffer(AVFrame *frame, int align);
  av_frame_get_buffer: fn("i32", "pointer", "i32"),
  // frame.h: int av_frame_make_writable(AVFrame *frame);
  av_frame_make_writable: fn("i32", "pointer"),
  // frame.h: void av_frame_unref(AVFrame *frame);
  av_frame_unref: fn("void", "pointer"),
  // frame.h: AVFrameSideData *av_frame_get_side_data(const AVFrame *frame, enum AVFrameSideDataType type);
  av_frame_get_side_data: fn("pointer", "pointer", "i32"),
  // frame.h: int av_frame_apply_cropping(AVFrame *frame, int flags);
  av_frame_apply_cropping: fn("i32", "pointer", "i32"),
  // imgutils.h: void av_image_copy(uint8_t *dst_data[4], const int dst_linesizes[4], const uint8_t *src_data[4], const int src_linesizes[4], enum AVPixelFormat pix_fmt, int width, int height);
  av_image_copy: fn("void", "pointer", "pointer", "pointer", "pointer", "i32", "i32", "i32"),
  // imgutils.h: void av_image_copy_plane(uint8_t *dst, int dst_linesize, const uint8_t *src, int src_linesize, int bytewidth, int height);
  av_image_copy_plane: fn("void", "usize", "i32", "usize", "i32", "i32", "i32"),
  // imgutils.h: int av_image_fill_black(uint8_t *dst_data[4], const ptrdiff_t dst_linesize[4], enum AVPixelFormat pix_fmt, enum AVColorRange range, int width, int height);
  av_image_fill_black: fn("i32", "pointer", "pointer", "i32", "i32", "i32", "i32"),
  // log.h: void av_log_set_level(int level);
  av_log_set_level: fn("void", "i32"),
  // opt.h: const AVOption *av_opt_find(void *obj, const char *name, const char *unit, int opt_flags, int search_flags);
  av_opt_find: fn("pointer", "pointer", "buffer", "buffer", "i32", "i32"),
  // opt.h: const AVOption *av_opt_next(const void *obj, const AVOption *prev);
  av_opt_next: fn("pointer", "pointer", "pointer"),
  // opt.h: void *av_opt_child_next(void *obj, void *prev);
  av_opt_child_next: fn("pointer", "pointer", "pointer"),
  // opt.h: int av_opt_set(void *obj, const char *name, const char *val, int search_flags);
  av_opt_set: fn("i32", "pointer", "buffer", "buffer", "i32"),
  // opt.h: int av_opt_set_int(void *obj, const char *name, int64_t val, int search_flags);
  av_opt_set_int: fn("i32", "pointer", "buffer", "i64", "i32"),
  // opt.h: int av_opt_set_q(void *obj, const char *name, AVRational val, int search_flags);
  av_opt_set_q: fn("i32", "pointer", "buffer", "rational", "i32"),
  // mem.h: void av_max_alloc(size_t max);
  av_max_alloc: fn("void", "usize"),
  // mem.h: void av_free(void *ptr);
  av_free: fn("void", "pointer"),
  // opt.h: int av_opt_get(void *obj, const char *name, int search_flags, uint8_t **out_val);
  av_opt_get: fn("i32", "pointer", "buffer", "i32", "buffer"),
  // opt.h: int av_opt_get_int(void *obj, const char *name, int search_flags, int64_t *out_val);
  av_opt_get_int: fn("i32", "pointer", "buffer", "i32", "buffer"),
  // pixdesc.h: enum AVPixelFormat av_get_pix_fmt(const char *name);
  av_get_pix_fmt: fn("i32", "buffer"),
} as const;
