/**
 * libavcodec, in the order of its headers.
 *
 * @module
 */

import { fn } from "../backend/types.ts";

export const avcodec = {
  // avcodec.h: unsigned avcodec_version(void);
  avcodec_version: fn("u32"),
  // avcodec.h: AVCodecContext *avcodec_alloc_context3(const AVCodec *codec);
  avcodec_alloc_context3: fn("pointer", "pointer"),
  // avcodec.h: void avcodec_free_context(AVCodecContext **avctx);
  avcodec_free_context: fn("void", "buffer"),
  // codec_par.h: int avcodec_parameters_copy(AVCodecParameters *dst, const AVCodecParameters *src);
  avcodec_parameters_copy: fn("i32", "pointer", "pointer"),
  // avcodec.h: int avcodec_parameters_from_context(AVCodecParameters *par, const AVCodecContext *codec);
  avcodec_parameters_from_context: fn("i32", "pointer", "pointer"),
  // avcodec.h: int avcodec_parameters_to_context(AVCodecContext *codec, const AVCodecParameters *par);
  avcodec_parameters_to_context: fn("i32", "pointer", "pointer"),
  // avcodec.h: int avcodec_open2(AVCodecContext *avctx, const AVCodec *codec, AVDictionary **options);
  avcodec_open2: fn("i32", "pointer", "pointer", "buffer"),
  // avcodec.h: int avcodec_send_packet(AVCodecContext *avctx, const AVPacket *avpkt);
  avcodec_send_packet: fn("i32", "pointer", "pointer"),
  // avcodec.h: int avcodec_receive_frame(AVCodecContext *avctx, AVFrame *frame);
  avcodec_receive_frame: fn("i32", "pointer", "pointer"),
  // avcodec.h: int avcodec_send_frame(AVCodecContext *avctx, const AVFrame *frame);
  avcodec_send_frame: fn("i32", "pointer", "pointer"),
  // avcodec.h: int avcodec_receive_packet(AVCodecContext *avctx, AVPacket *avpkt);
  avcodec_receive_packet: fn("i32", "pointer", "pointer"),
  // avcodec.h: void avcodec_flush_buffers(AVCodecContext *avctx);
  avcodec_flush_buffers: fn("void", "pointer"),
  // codec.h: const AVCodec *avcodec_find_decoder(enum AVCodecID id);
  avcodec_find_decoder: fn("pointer", "i32"),
  // codec.h: const AVCodec *avcodec_find_decoder_by_name(const char *name);
  avcodec_find_decoder_by_name: fn("pointer", "buffer"),
  // codec.h: const AVCodec *avcodec_find_encoder_by_name(const char *name);
  avcodec_find_encoder_by_name: fn("pointer", "buffer"),
  // codec_desc.h: const AVCodecDescriptor *avcodec_descriptor_get_by_name(const char *name);
  avcodec_descriptor_get_by_name: fn("pointer", "buffer"),
  // codec_id.h: const char *avcodec_get_name(enum AVCodecID id);
  avcodec_get_name: fn("pointer", "i32"),
  // packet.h: AVPacket *av_packet_alloc(void);
  av_packet_alloc: fn("pointer"),
  // packet.h: void av_packet_free(AVPacket **pkt);
  av_packet_free: fn("void", "buffer"),
  // packet.h: void av_packet_unref(AVPacket *pkt);
  av_packet_unref: fn("void", "pointer"),
  // packet.h: uint8_t *av_packet_get_side_data(const AVPacket *pkt, enum AVPacketSideDataType type, size_t *size);
  av_packet_get_side_data: fn("pointer", "pointer", "i32", "buffer"),
  // packet.h: const char *av_packet_side_data_name(enum AVPacketSideDataType type);
  av_packet_side_data_name: fn("pointer", "i32"),
  // packet.h: int av_packet_copy_props(AVPacket *dst, const AVPacket *src);
  av_packet_copy_props: fn("i32", "pointer", "pointer"),
  // packet.h: void av_packet_rescale_ts(AVPacket *pkt, AVRational tb_src, AVRational tb_dst);
  av_packet_rescale_ts: fn("void", "pointer", "rational", "rational"),
} as const;
