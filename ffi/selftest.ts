/**
 * The canary: values that the library wrote through its own API must be found
 * at the offsets of the layout. A distribution that patched a struct, or a
 * wrong table, is refused here instead of breaking memory later.
 *
 * A picture of 6 x 4 grey pixels goes through demuxer and decoder, from a
 * `data:` URL, so that nothing but the libraries is needed. Fields are checked
 * before the first one is written.
 *
 * @module
 */

import { AVERROR, LibavError } from "./errors.ts";
import { cString, nativeBytes, PointerCell } from "./memory.ts";
import type { Libav } from "./mod.ts";
import type { Pointer } from "./types.ts";

const NOPTS = -(2n ** 63n);
const AVMEDIA_TYPE_VIDEO = 0;
const AVCOL_RANGE_JPEG = 2;
const AVCOL_SPC_BT709 = 1;
const AV_FRAME_FLAG_KEY = 1 << 1;
const AV_FRAME_CROP_UNALIGNED = 1;
const AV_PKT_FLAG_KEY = 1;
const FLAG_NOBUFFER_DISCARDCORRUPT = 0x40 | 0x100;
const FLAG_LOW_DELAY = 1 << 19;

const WIDTH = 6;
const HEIGHT = 4;
const FRAME_BYTES = WIDTH * HEIGHT;
const FRAMES = 4;
const DEMUXER = "rawvideo";
const RATE = "7/3";

/**
 * Compares the layout with the live library.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED`, naming the first field that differs.
 */
export function verifyLayout(libav: Libav): void {
  new Canary(libav).run();
}

class Canary {
  readonly #libav: Libav;

  constructor(libav: Libav) {
    this.#libav = libav;
  }

  run(): void {
    const { symbols, backend } = this.#libav;
    this.#dictionary();
    const format = this.#formatContext();
    const cell = new PointerCell(backend, format);
    const codec = new PointerCell(backend);
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    const frame = new PointerCell(backend, symbols.av_frame_alloc());
    try {
      const stream = this.#open(cell);
      codec.value = this.#decoder(stream);
      this.#packet(format, this.#object("AVPacket", packet.value));
      this.#frame(
        this.#object("AVCodecContext", codec.value),
        this.#object("AVPacket", packet.value),
        this.#object("AVFrame", frame.value),
      );
      this.#interrupt();
    } finally {
      symbols.av_frame_free(frame.buffer);
      symbols.av_packet_free(packet.buffer);
      symbols.avcodec_free_context(codec.buffer);
      symbols.avformat_close_input(cell.buffer);
    }
  }

  #dictionary(): void {
    const { symbols, memory, layout: { AVDictionaryEntry: at }, backend } = this.#libav;
    const cell = new PointerCell(backend);
    symbols.av_dict_set(cell.buffer, cString("canary"), cString("yellow"), 0);
    try {
      const entry = symbols.av_dict_get(cell.value, cString("canary"), null, 0);
      const found = this.#object("AVDictionaryEntry", entry);
      const text = (offset: number) => memory.readString(memory.readPointer(found, offset));
      this.#expect("AVDictionaryEntry.key", text(at.key), "canary");
      this.#expect("AVDictionaryEntry.value", text(at.value), "yellow");
    } finally {
      symbols.av_dict_free(cell.buffer);
    }
  }

  #formatContext(): Pointer {
    const { symbols, memory, layout: { AVFormatContext: at } } = this.#libav;
    const context = this.#object("AVFormatContext", symbols.avformat_alloc_context());
    symbols.av_opt_set_int(context, cString("max_delay"), 123457n, 0);
    symbols.av_opt_set(context, cString("fflags"), cString("nobuffer+discardcorrupt"), 0);
    this.#expect("AVFormatContext.max_delay", memory.readI32(context, at.max_delay), 123457);
    this.#expect(
      "AVFormatContext.flags",
      memory.readI32(context, at.flags),
      FLAG_NOBUFFER_DISCARDCORRUPT,
    );
    this.#expect("AVFormatContext.nb_streams", memory.readI32(context, at.nb_streams), 0);
    this.#expect("AVFormatContext.pb", memory.readPointer(context, at.pb), null);
    return context;
  }

  #openInput(cell: PointerCell): number {
    const { symbols, backend } = this.#libav;
    const demuxer = this.#object(
      `the demuxer ${DEMUXER}`,
      symbols.av_find_input_format(cString(DEMUXER)),
    );
    const options = new PointerCell(backend);
    const set = (key: string, value: string) =>
      symbols.av_dict_set(options.buffer, cString(key), cString(value), 0);
    set("video_size", `${WIDTH}x${HEIGHT}`);
    set("pixel_format", "gray");
    set("framerate", RATE);
    const url = `data:application/octet-stream;base64,${"A".repeat(FRAME_BYTES * FRAMES / 3 * 4)}`;
    const opened = symbols.avformat_open_input(cell.buffer, cString(url), demuxer, options.buffer);
    symbols.av_dict_free(options.buffer);
    return opened;
  }

  #open(cell: PointerCell): Pointer {
    const { symbols, memory, layout } = this.#libav;
    this.#expect("avformat_open_input", this.#openInput(cell), 0);
    const context = this.#object("AVFormatContext", cell.value);
    const { AVFormatContext: at, AVStream, AVCodecParameters } = layout;
    this.#expect("AVFormatContext.nb_streams", memory.readI32(context, at.nb_streams), 1);
    this.#expect("AVFormatContext.duration", memory.readI64(context, at.duration), NOPTS);
    this.#object("AVFormatContext.pb", memory.readPointer(context, at.pb));
    const streams = this.#object(
      "AVFormatContext.streams",
      memory.readPointer(context, at.streams),
    );
    const stream = this.#object("AVStream", memory.readPointer(streams, 0));
    this.#expect("AVStream.index", memory.readI32(stream, AVStream.index), 0);
    this.#expect("AVStream.discard", memory.readI32(stream, AVStream.discard), 0);
    this.#expect("AVStream.time_base", this.#rational(stream, AVStream.time_base), "3/7");
    const parameters = this.#object(
      "AVStream.codecpar",
      memory.readPointer(stream, AVStream.codecpar),
    );
    const field = (offset: number) => memory.readI32(parameters, offset);
    this.#expect(
      "AVCodecParameters.codec_type",
      field(AVCodecParameters.codec_type),
      AVMEDIA_TYPE_VIDEO,
    );
    this.#expect(
      "AVCodecParameters.codec_id",
      memory.readString(symbols.avcodec_get_name(field(AVCodecParameters.codec_id))),
      "rawvideo",
    );
    this.#expect("AVCodecParameters.width", field(AVCodecParameters.width), WIDTH);
    this.#expect("AVCodecParameters.height", field(AVCodecParameters.height), HEIGHT);
    this.#expect("AVCodecParameters.format", field(AVCodecParameters.format), this.#gray());
    return stream;
  }

  #decoder(stream: Pointer): Pointer {
    const { symbols, memory, layout, backend } = this.#libav;
    const parameters = this.#object(
      "AVStream.codecpar",
      memory.readPointer(stream, layout.AVStream.codecpar),
    );
    const id = memory.readI32(parameters, layout.AVCodecParameters.codec_id);
    const codec = symbols.avcodec_find_decoder(id);
    const context = this.#object("AVCodecContext", symbols.avcodec_alloc_context3(codec));
    symbols.avcodec_parameters_to_context(context, parameters);
    symbols.av_opt_set_int(context, cString("threads"), 7n, 0);
    symbols.av_opt_set(context, cString("flags"), cString("low_delay"), 0);
    symbols.av_opt_set(context, cString("time_base"), cString("3/71"), 0);
    symbols.av_opt_set(context, cString("pkt_timebase"), cString("5/73"), 0);
    const at = layout.AVCodecContext;
    const field = (offset: number) => memory.readI32(context, offset);
    this.#expect("AVCodecContext.thread_count", field(at.thread_count), 7);
    this.#expect("AVCodecContext.flags", field(at.flags), FLAG_LOW_DELAY);
    this.#expect("AVCodecContext.time_base", this.#rational(context, at.time_base), "3/71");
    this.#expect("AVCodecContext.pkt_timebase", this.#rational(context, at.pkt_timebase), "5/73");
    this.#expect("AVCodecContext.width", field(at.width), WIDTH);
    this.#expect("AVCodecContext.height", field(at.height), HEIGHT);
    this.#expect("AVCodecContext.pix_fmt", field(at.pix_fmt), this.#gray());

    const options = new PointerCell(backend);
    const set = (key: string, value: number) =>
      symbols.av_dict_set(options.buffer, cString(key), cString(`${value}`), 0);
    set("threads", 1);
    set("color_range", AVCOL_RANGE_JPEG);
    set("colorspace", AVCOL_SPC_BT709);
    const opened = symbols.avcodec_open2(context, codec, options.buffer);
    symbols.av_dict_free(options.buffer);
    this.#expect("avcodec_open2", opened, 0);
    return context;
  }

  #packet(format: Pointer, packet: Pointer): void {
    const { symbols, memory, layout: { AVPacket: at } } = this.#libav;
    this.#expect("av_read_frame", symbols.av_read_frame(format, packet), 0);
    this.#expect("AVPacket.pts", memory.readI64(packet, at.pts), 0n);
    this.#expect("AVPacket.dts", memory.readI64(packet, at.dts), 0n);
    this.#expect("AVPacket.size", memory.readI32(packet, at.size), FRAME_BYTES);
    this.#expect("AVPacket.stream_index", memory.readI32(packet, at.stream_index), 0);
    this.#expect(
      "AVPacket.flags",
      memory.readI32(packet, at.flags) & AV_PKT_FLAG_KEY,
      AV_PKT_FLAG_KEY,
    );
    this.#object("AVPacket.data", memory.readPointer(packet, at.data));
  }

  #frame(codec: Pointer, packet: Pointer, frame: Pointer): void {
    const { symbols, memory, layout: { AVFrame: at, AVPacket } } = this.#libav;
    // A time that no other field can hold by accident.
    memory.writeI64(packet, AVPacket.pts, 12347n);
    this.#expect("avcodec_send_packet", symbols.avcodec_send_packet(codec, packet), 0);
    this.#expect("avcodec_receive_frame", symbols.avcodec_receive_frame(codec, frame), 0);
    const field = (offset: number) => memory.readI32(frame, offset);
    this.#expect("AVFrame.width", field(at.width), WIDTH);
    this.#expect("AVFrame.height", field(at.height), HEIGHT);
    this.#expect("AVFrame.format", field(at.format), this.#gray());
    this.#expect("AVFrame.color_range", field(at.color_range), AVCOL_RANGE_JPEG);
    this.#expect("AVFrame.colorspace", field(at.colorspace), AVCOL_SPC_BT709);
    this.#expect("AVFrame.linesize", field(at.linesize) >= WIDTH, true);
    this.#expect("AVFrame.pts", memory.readI64(frame, at.pts), 12347n);
    this.#expect(
      "AVFrame.best_effort_timestamp",
      memory.readI64(frame, at.best_effort_timestamp),
      12347n,
    );
    this.#object("AVFrame.data", memory.readPointer(frame, at.data));
    if (at.key_frame >= 0) {
      this.#expect("AVFrame.key_frame", field(at.key_frame), 1);
    } else {
      this.#expect("AVFrame.flags", field(at.flags) & AV_FRAME_FLAG_KEY, AV_FRAME_FLAG_KEY);
    }
    this.#cropping(frame);
  }

  /** Cuts that the library has carried out are taken back to 0 by it. */
  #cropping(frame: Pointer): void {
    const { symbols, memory, layout: { AVFrame: at } } = this.#libav;
    const cuts = { crop_left: 2n, crop_top: 1n, crop_right: 1n, crop_bottom: 2n } as const;
    const fields = Object.keys(cuts) as (keyof typeof cuts)[];
    for (const field of fields) {
      this.#expect(`AVFrame.${field}`, memory.readI64(frame, at[field]), 0n);
    }
    for (const field of fields) memory.writeI64(frame, at[field], cuts[field]);
    const data = memory.readI64(frame, at.data);
    symbols.av_frame_apply_cropping(frame, AV_FRAME_CROP_UNALIGNED);
    this.#expect("AVFrame.crop_left + crop_right", memory.readI32(frame, at.width), WIDTH - 3);
    this.#expect("AVFrame.crop_top + crop_bottom", memory.readI32(frame, at.height), HEIGHT - 3);
    const moved = memory.readI64(frame, at.data) - data;
    const rows = BigInt(memory.readI32(frame, at.linesize)) * cuts.crop_top;
    this.#expect("AVFrame.crop_left", moved - rows, cuts.crop_left);
  }

  /** A read with the stop byte set must end with AVERROR_EXIT. */
  #interrupt(): void {
    const { symbols, memory, layout: { AVFormatContext: at }, backend, strlen } = this.#libav;
    const format = this.#object("AVFormatContext", symbols.avformat_alloc_context());
    const stop = nativeBytes(8);
    memory.writePointer(format, at.interrupt_callback, strlen);
    memory.writePointer(format, at.interrupt_callback + 8, backend.pointerOf(stop));
    const cell = new PointerCell(backend, format);
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    try {
      stop[0] = 1;
      const opened = this.#openInput(cell);
      const result = opened < 0
        ? opened
        : symbols.av_read_frame(format, this.#object("AVPacket", packet.value));
      this.#expect("AVFormatContext.interrupt_callback", result, AVERROR.EXIT);
    } finally {
      symbols.av_packet_free(packet.buffer);
      symbols.avformat_close_input(cell.buffer);
    }
  }

  #gray(): number {
    return this.#libav.symbols.av_get_pix_fmt(cString("gray"));
  }

  #rational(at: Pointer, offset: number): string {
    const { num, den } = this.#libav.memory.readRational(at, offset);
    return `${num}/${den}`;
  }

  #object(name: string, pointer: Pointer | null): Pointer {
    if (pointer === null) this.#refuse(name, "NULL", "an address");
    return pointer;
  }

  #expect(field: string, found: unknown, expected: unknown): void {
    if (found !== expected) this.#refuse(field, found, expected);
  }

  #refuse(field: string, found: unknown, expected: unknown): never {
    const { version, release } = this.#libav;
    throw new LibavError(
      "LIBAV_UNSUPPORTED",
      `Cannot use FFmpeg ${version}: its libraries do not match the memory layout of ` +
        `release ${release} (${field} is ${found}, expected ${expected})`,
    );
  }
}
