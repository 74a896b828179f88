/**
 * Checks against libavcodec: packets, decoders and frames.
 *
 * @module
 */

import { cString, PointerCell } from "../backend/memory.ts";
import type { Pointer } from "../backend/types.ts";
import {
  AV_FRAME_FLAG_KEY,
  AV_PKT_FLAG_CORRUPT,
  AV_PKT_FLAG_KEY,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_NCL,
} from "../constants.ts";
import type { Libav } from "../libav.ts";
import { FRAME_BYTES, HEIGHT, type LayoutChecker, RATE, WIDTH } from "./checker.ts";
import type { FormatChecks } from "./format_checks.ts";

const AV_FRAME_CROP_UNALIGNED = 1;
const FF_DECODE_ERROR_CONCEALMENT_ACTIVE = 4;
const FLAG_LOW_DELAY = 1 << 19;
/** An MPEG-1 picture of 16 x 48 grey pixels whose last third is missing. */
const DAMAGED_PICTURE = "AAABswEAMBP//+AYAAABuAAIAEAAAAEAAA//+AAAAQETWlKREAAAAQITWlKR";
/** A picture that says that all of it is as in the one before. */
const REPEATED_PICTURE = "EAAAAQAAV//4gAAAAQEScAAAAQIScAAAAQMScA==";

/** Compares the structs of libavcodec and AVFrame with the layout. */
export class CodecChecks {
  readonly #libav: Libav;
  readonly #checker: LayoutChecker;
  readonly #format: FormatChecks;

  constructor(libav: Libav, checker: LayoutChecker, format: FormatChecks) {
    this.#libav = libav;
    this.#checker = checker;
    this.#format = format;
  }

  decoder(stream: Pointer): Pointer {
    const { symbols, memory, layout, backend } = this.#libav;
    const parameters = this.#checker.object(
      "AVStream.codecpar",
      memory.readPointer(stream, layout.AVStream.codecpar),
    );
    const id = memory.readI32(parameters, layout.AVCodecParameters.codec_id);
    const codec = symbols.avcodec_find_decoder(id);
    const context = this.#checker.object("AVCodecContext", symbols.avcodec_alloc_context3(codec));
    symbols.avcodec_parameters_to_context(context, parameters);
    symbols.av_opt_set_int(context, cString("threads"), 7n, 0);
    symbols.av_opt_set(context, cString("flags"), cString("low_delay"), 0);
    symbols.av_opt_set(context, cString("time_base"), cString("3/71"), 0);
    symbols.av_opt_set(context, cString("pkt_timebase"), cString("5/73"), 0);
    const at = layout.AVCodecContext;
    const field = (offset: number) => memory.readI32(context, offset);
    this.#checker.expect("AVCodecContext.thread_count", field(at.thread_count), 7);
    this.#checker.expect("AVCodecContext.flags", field(at.flags), FLAG_LOW_DELAY);
    this.#checker.expect(
      "AVCodecContext.time_base",
      this.#checker.rational(context, at.time_base),
      "3/71",
    );
    this.#checker.expect(
      "AVCodecContext.pkt_timebase",
      this.#checker.rational(context, at.pkt_timebase),
      "5/73",
    );
    this.#checker.expect("AVCodecContext.width", field(at.width), WIDTH);
    this.#checker.expect("AVCodecContext.height", field(at.height), HEIGHT);
    this.#checker.expect("AVCodecContext.pix_fmt", field(at.pix_fmt), this.#checker.gray());

    const options = new PointerCell(backend);
    const set = (key: string, value: number) =>
      symbols.av_dict_set(options.buffer, cString(key), cString(`${value}`), 0);
    set("threads", 1);
    set("color_range", AVCOL_RANGE_MPEG);
    set("colorspace", AVCOL_SPC_BT2020_NCL);
    const opened = symbols.avcodec_open2(context, codec, options.buffer);
    symbols.av_dict_free(options.buffer);
    this.#checker.expect("avcodec_open2", opened, 0);
    return context;
  }

  packet(format: Pointer, packet: Pointer): void {
    const { symbols, memory, layout: { AVPacket: at } } = this.#libav;
    this.#checker.expect("av_read_frame", symbols.av_read_frame(format, packet), 0);
    this.#checker.expect("AVPacket.pts", memory.readI64(packet, at.pts), 0n);
    this.#checker.expect("AVPacket.dts", memory.readI64(packet, at.dts), 0n);
    this.#checker.expect("AVPacket.size", memory.readI32(packet, at.size), FRAME_BYTES);
    this.#checker.expect("AVPacket.stream_index", memory.readI32(packet, at.stream_index), 0);
    this.#checker.expect(
      "AVPacket.flags",
      memory.readI32(packet, at.flags) & AV_PKT_FLAG_KEY,
      AV_PKT_FLAG_KEY,
    );
    this.#checker.expect("AVPacket.duration", memory.readI64(packet, at.duration), 1n);
    this.#checker.object("AVPacket.data", memory.readPointer(packet, at.data));
    this.#copied(packet);
  }

  /** Copying the properties must carry the fields along; padding is not copied. */
  #copied(packet: Pointer): void {
    const { symbols, memory, layout: { AVPacket: at }, backend } = this.#libav;
    const cell = new PointerCell(backend, symbols.av_packet_alloc());
    const values = { stream_index: 7, flags: AV_PKT_FLAG_KEY | AV_PKT_FLAG_CORRUPT } as const;
    const fields = ["stream_index", "flags"] as const;
    try {
      const copy = this.#checker.object("AVPacket", cell.value);
      for (const field of fields) memory.writeI32(packet, at[field], values[field]);
      symbols.av_packet_copy_props(copy, packet);
      memory.writeI32(packet, at.stream_index, 0);
      memory.writeI32(packet, at.flags, AV_PKT_FLAG_KEY);
      for (const field of fields) {
        this.#checker.expect(`AVPacket.${field}`, memory.readI32(copy, at[field]), values[field]);
      }
    } finally {
      symbols.av_packet_free(cell.buffer);
    }
  }

  frame(codec: Pointer, packet: Pointer, frame: Pointer): void {
    const { symbols, memory, layout: { AVFrame: at, AVPacket } } = this.#libav;
    // A time that no other field can hold by accident.
    memory.writeI64(packet, AVPacket.pts, 12347n);
    this.#checker.expect("avcodec_send_packet", symbols.avcodec_send_packet(codec, packet), 0);
    this.#checker.expect("avcodec_receive_frame", symbols.avcodec_receive_frame(codec, frame), 0);
    const field = (offset: number) => memory.readI32(frame, offset);
    this.#checker.expect("AVFrame.width", field(at.width), WIDTH);
    this.#checker.expect("AVFrame.height", field(at.height), HEIGHT);
    this.#checker.expect("AVFrame.format", field(at.format), this.#checker.gray());
    this.#checker.expect("AVFrame.color_range", field(at.color_range), AVCOL_RANGE_MPEG);
    this.#checker.expect("AVFrame.colorspace", field(at.colorspace), AVCOL_SPC_BT2020_NCL);
    this.#checker.expect("AVFrame.linesize", field(at.linesize) >= WIDTH, true);
    this.#checker.expect("AVFrame.pts", memory.readI64(frame, at.pts), 12347n);
    this.#checker.expect(
      "AVFrame.best_effort_timestamp",
      memory.readI64(frame, at.best_effort_timestamp),
      12347n,
    );
    this.#checker.object("AVFrame.data", memory.readPointer(frame, at.data));
    this.#keyframe(frame, true);
    this.#encode(frame);
    this.#cropping(frame);
  }

  /** The time that is written into a frame is that of the packet; old releases have a second one beside it. */
  #encode(frame: Pointer): void {
    const { symbols, memory, layout: { AVFrame: at, AVPacket }, backend } = this.#libav;
    const codec = symbols.avcodec_find_encoder_by_name(cString("rawvideo"));
    // Nothing is written with a build that has no encoders.
    if (codec === null) return;
    const encoder = new PointerCell(backend, symbols.avcodec_alloc_context3(codec));
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    try {
      const context = this.#checker.object("AVCodecContext", encoder.value);
      const set = (name: string, value: string) =>
        symbols.av_opt_set(context, cString(name), cString(value), 0);
      set("video_size", `${WIDTH}x${HEIGHT}`);
      set("pixel_format", "gray");
      set("time_base", RATE);
      this.#checker.expect("avcodec_open2", symbols.avcodec_open2(context, codec, null), 0);
      memory.writeI64(frame, at.pts, 76543n);
      symbols.avcodec_send_frame(context, frame);
      const data = this.#checker.object("AVPacket", packet.value);
      const received = symbols.avcodec_receive_packet(context, data);
      this.#checker.expect("avcodec_receive_packet", received, 0);
      this.#checker.expect("AVFrame.pts", memory.readI64(data, AVPacket.pts), 76543n);
    } finally {
      symbols.av_packet_free(packet.buffer);
      symbols.avcodec_free_context(encoder.buffer);
    }
  }

  #keyframe(frame: Pointer, expected: boolean): void {
    const { memory, layout: { AVFrame: at } } = this.#libav;
    if (at.key_frame >= 0) {
      const found = memory.readI32(frame, at.key_frame);
      this.#checker.expect("AVFrame.key_frame", found, expected ? 1 : 0);
    } else {
      const found = memory.readI32(frame, at.flags) & AV_FRAME_FLAG_KEY;
      this.#checker.expect("AVFrame.flags", found, expected ? AV_FRAME_FLAG_KEY : 0);
    }
  }

  /** Cuts that the library has carried out are taken back to 0 by it. */
  #cropping(frame: Pointer): void {
    const { symbols, memory, layout: { AVFrame: at } } = this.#libav;
    const cuts = { crop_left: 2n, crop_top: 1n, crop_right: 1n, crop_bottom: 2n } as const;
    const fields = Object.keys(cuts) as (keyof typeof cuts)[];
    for (const field of fields) {
      this.#checker.expect(`AVFrame.${field}`, memory.readI64(frame, at[field]), 0n);
    }
    const data = memory.readI64(frame, at.data);
    for (const field of fields) memory.writeI64(frame, at[field], cuts[field]);
    symbols.av_frame_apply_cropping(frame, AV_FRAME_CROP_UNALIGNED);
    // Done by the library already; with a wrong layout this undoes the writes.
    for (const field of fields) memory.writeI64(frame, at[field], 0n);
    this.#checker.expect(
      "AVFrame.crop_left + crop_right",
      memory.readI32(frame, at.width),
      WIDTH - 3,
    );
    this.#checker.expect(
      "AVFrame.crop_top + crop_bottom",
      memory.readI32(frame, at.height),
      HEIGHT - 3,
    );
    const moved = memory.readI64(frame, at.data) - data;
    const rows = BigInt(memory.readI32(frame, at.linesize)) * cuts.crop_top;
    this.#checker.expect("AVFrame.crop_left", moved - rows, cuts.crop_left);
  }

  /** A picture with a hole is marked as repaired by the decoder; the next one is no keyframe. */
  pictures(): void {
    const { symbols, memory, layout, backend } = this.#libav;
    const { AVFrame: at, AVCodecContext: codecAt } = layout;
    const input = new PointerCell(backend, this.#format.formatContext());
    const codec = new PointerCell(
      backend,
      symbols.avcodec_alloc_context3(
        symbols.avcodec_find_decoder_by_name(cString("mpeg1video")),
      ),
    );
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    const frame = new PointerCell(backend, symbols.av_frame_alloc());
    try {
      const opened = this.#checker.openData(
        input,
        "mpegvideo",
        DAMAGED_PICTURE + REPEATED_PICTURE,
      );
      this.#checker.expect("avformat_open_input", opened, 0);
      const decoder = this.#checker.object("AVCodecContext", codec.value);
      const picture = this.#checker.object("AVFrame", frame.value);
      symbols.avcodec_open2(decoder, null, null);
      const format = this.#checker.object("AVFormatContext", input.value);
      const data = this.#checker.object("AVPacket", packet.value);
      while (symbols.av_read_frame(format, data) >= 0) {
        symbols.avcodec_send_packet(decoder, data);
        symbols.av_packet_unref(data);
      }
      const receive = () => {
        const received = symbols.avcodec_receive_frame(decoder, picture);
        this.#checker.expect("avcodec_receive_frame", received, 0);
      };
      receive();
      this.#keyframe(picture, true);
      this.#checker.expect(
        "AVCodecContext.framerate",
        this.#checker.rational(decoder, codecAt.framerate),
        "25/1",
      );
      this.#checker.expect(
        "AVFrame.decode_error_flags",
        memory.readI32(picture, at.decode_error_flags),
        FF_DECODE_ERROR_CONCEALMENT_ACTIVE,
      );
      symbols.avcodec_send_packet(decoder, null);
      receive();
      this.#keyframe(picture, false);
    } finally {
      symbols.av_frame_free(frame.buffer);
      symbols.av_packet_free(packet.buffer);
      symbols.avcodec_free_context(codec.buffer);
      symbols.avformat_close_input(input.buffer);
    }
  }
}
