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

import { Canary, FRAME_BYTES, HEIGHT, RATE, WIDTH } from "./canary.ts";
import { AVERROR } from "./errors.ts";
import { cString, nativeBytes, PointerCell } from "./memory.ts";
import type { Libav } from "./mod.ts";
import type { Pointer } from "./types.ts";

const NOPTS = -(2n ** 63n);
const AVCOL_RANGE_MPEG = 1;
const AVCOL_SPC_BT2020_NCL = 9;
const AV_FRAME_FLAG_KEY = 1 << 1;
const AV_FRAME_CROP_UNALIGNED = 1;
const AV_PKT_FLAG_KEY = 1;
const AVDISCARD_ALL = 48;
const FF_DECODE_ERROR_CONCEALMENT_ACTIVE = 4;
const FLAG_GENPTS_DISCARDCORRUPT = 0x1 | 0x100;
const FLAG_LOW_DELAY = 1 << 19;

/** An MPEG-1 picture of 16 x 48 grey pixels whose last third is missing. */
const DAMAGED_PICTURE = "AAABswEAMBP//+AYAAABuAAIAEAAAAEAAA//+AAAAQETWlKREAAAAQITWlKREA==";
/** The head of an FLV file, which tells of no stream yet. */
const FLV_HEAD = "RkxWAQEAAAAJAAAAAA==";
/** The head of an IVF file with VP8 in it. */
const IVF_HEAD = "REtJRgAAIABWUDgwEAAQAB4AAAABAAAAAAAAAAAAAAA=";
const VP8_TAG = 0x30385056;
/** A JPEG's first and last marker, twice: enough for the parser to see a picture. */
const TINY_MJPEG = "/9j/2f/Y/9k=";

/**
 * Compares the layout with the live library.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED`, naming the first field that differs.
 */
export function verifyLayout(libav: Libav): void {
  new SelfTest(libav).run();
}

class SelfTest {
  readonly #libav: Libav;
  readonly #canary: Canary;

  constructor(libav: Libav) {
    this.#libav = libav;
    this.#canary = new Canary(libav);
  }

  run(): void {
    const { symbols, backend } = this.#libav;
    this.#dictionary();
    this.#streams();
    this.#ioContext();
    this.#codecTag();
    const format = this.#formatContext();
    const cell = new PointerCell(backend, format);
    const codec = new PointerCell(backend);
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    const frame = new PointerCell(backend, symbols.av_frame_alloc());
    try {
      const stream = this.#open(cell);
      codec.value = this.#decoder(stream);
      this.#packet(format, this.#canary.object("AVPacket", packet.value));
      this.#frame(
        this.#canary.object("AVCodecContext", codec.value),
        this.#canary.object("AVPacket", packet.value),
        this.#canary.object("AVFrame", frame.value),
      );
      this.#damage();
      this.#discard();
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
      const found = this.#canary.object("AVDictionaryEntry", entry);
      const text = (offset: number) => memory.readString(memory.readPointer(found, offset));
      this.#canary.expect("AVDictionaryEntry.key", text(at.key), "canary");
      this.#canary.expect("AVDictionaryEntry.value", text(at.value), "yellow");
    } finally {
      symbols.av_dict_free(cell.buffer);
    }
  }

  /** Streams that were made by hand, whose addresses are known. */
  #streams(): void {
    const { symbols, memory, layout: { AVFormatContext: at, AVStream }, backend } = this.#libav;
    const context = this.#canary.object("AVFormatContext", symbols.avformat_alloc_context());
    try {
      const made = [0, 1].map(() =>
        this.#canary.object("AVStream", symbols.avformat_new_stream(context, null))
      );
      this.#canary.expect("AVFormatContext.nb_streams", memory.readI32(context, at.nb_streams), 2);
      const streams = this.#canary.object(
        "AVFormatContext.streams",
        memory.readPointer(context, at.streams),
      );
      made.forEach((stream, i) => {
        const found = backend.addressOf(memory.readPointer(streams, i * 8));
        this.#canary.expect("AVFormatContext.streams", found, backend.addressOf(stream));
        this.#canary.expect("AVStream.index", memory.readI32(stream, AVStream.index), i);
      });
    } finally {
      symbols.avformat_free_context(context);
    }
  }

  /** What is there must say by itself that it is an AVIOContext. */
  #ioContext(): void {
    const { memory, layout: { AVFormatContext: at } } = this.#libav;
    this.#withInput("flv", FLV_HEAD, (context) => {
      const io = this.#canary.object("AVFormatContext.pb", memory.readPointer(context, at.pb));
      const kind = this.#canary.object("AVFormatContext.pb", memory.readPointer(io, 0));
      const name = memory.readString(memory.readPointer(kind, 0));
      this.#canary.expect("AVFormatContext.pb", name, "AVIOContext");
    });
  }

  #codecTag(): void {
    const { memory, layout: { AVFormatContext: at, AVStream, AVCodecParameters } } = this.#libav;
    this.#withInput("ivf", IVF_HEAD, (context) => {
      const streams = this.#canary.object("streams", memory.readPointer(context, at.streams));
      const stream = this.#canary.object("AVStream", memory.readPointer(streams, 0));
      const parameters = this.#canary.object(
        "AVStream.codecpar",
        memory.readPointer(stream, AVStream.codecpar),
      );
      const tag = memory.readI32(parameters, AVCodecParameters.codec_tag);
      this.#canary.expect("AVCodecParameters.codec_tag", tag, VP8_TAG);
    });
  }

  #withInput(demuxer: string, base64: string, look: (context: Pointer) => void): void {
    const cell = new PointerCell(this.#libav.backend);
    try {
      const opened = this.#canary.openData(cell, demuxer, base64);
      this.#canary.expect("avformat_open_input", opened, 0);
      look(this.#canary.object("AVFormatContext", cell.value));
    } finally {
      this.#libav.symbols.avformat_close_input(cell.buffer);
    }
  }

  #formatContext(): Pointer {
    const { symbols, memory, layout: { AVFormatContext: at } } = this.#libav;
    const context = this.#canary.object("AVFormatContext", symbols.avformat_alloc_context());
    symbols.av_opt_set_int(context, cString("max_delay"), 123457n, 0);
    symbols.av_opt_set(context, cString("fflags"), cString("genpts+discardcorrupt"), 0);
    this.#canary.expect("AVFormatContext.max_delay", memory.readI32(context, at.max_delay), 123457);
    this.#canary.expect(
      "AVFormatContext.flags",
      memory.readI32(context, at.flags),
      FLAG_GENPTS_DISCARDCORRUPT,
    );
    this.#canary.expect("AVFormatContext.nb_streams", memory.readI32(context, at.nb_streams), 0);
    return context;
  }

  #open(cell: PointerCell): Pointer {
    const { symbols, memory, layout } = this.#libav;
    this.#canary.expect("avformat_open_input", this.#canary.openPicture(cell), 0);
    const context = this.#canary.object("AVFormatContext", cell.value);
    const { AVFormatContext: at, AVStream, AVCodecParameters } = layout;
    this.#canary.expect("AVFormatContext.nb_streams", memory.readI32(context, at.nb_streams), 1);
    this.#canary.expect("AVFormatContext.duration", memory.readI64(context, at.duration), NOPTS);
    const streams = this.#canary.object(
      "AVFormatContext.streams",
      memory.readPointer(context, at.streams),
    );
    const stream = this.#canary.object("AVStream", memory.readPointer(streams, 0));
    this.#canary.expect(
      "avformat_find_stream_info",
      symbols.avformat_find_stream_info(context, null),
      0,
    );
    this.#canary.expect(
      "AVStream.avg_frame_rate",
      this.#canary.rational(stream, AVStream.avg_frame_rate),
      RATE,
    );
    this.#canary.expect("AVStream.discard", memory.readI32(stream, AVStream.discard), 0);
    this.#canary.expect(
      "AVStream.time_base",
      this.#canary.rational(stream, AVStream.time_base),
      "3/7",
    );
    const parameters = this.#canary.object(
      "AVStream.codecpar",
      memory.readPointer(stream, AVStream.codecpar),
    );
    const field = (offset: number) => memory.readI32(parameters, offset);
    this.#canary.expect(
      "AVCodecParameters.codec_id",
      memory.readString(symbols.avcodec_get_name(field(AVCodecParameters.codec_id))),
      "rawvideo",
    );
    this.#canary.expect("AVCodecParameters.width", field(AVCodecParameters.width), WIDTH);
    this.#canary.expect("AVCodecParameters.height", field(AVCodecParameters.height), HEIGHT);
    this.#canary.expect(
      "AVCodecParameters.format",
      field(AVCodecParameters.format),
      this.#canary.gray(),
    );
    return stream;
  }

  #decoder(stream: Pointer): Pointer {
    const { symbols, memory, layout, backend } = this.#libav;
    const parameters = this.#canary.object(
      "AVStream.codecpar",
      memory.readPointer(stream, layout.AVStream.codecpar),
    );
    const id = memory.readI32(parameters, layout.AVCodecParameters.codec_id);
    const codec = symbols.avcodec_find_decoder(id);
    const context = this.#canary.object("AVCodecContext", symbols.avcodec_alloc_context3(codec));
    symbols.avcodec_parameters_to_context(context, parameters);
    symbols.av_opt_set_int(context, cString("threads"), 7n, 0);
    symbols.av_opt_set(context, cString("flags"), cString("low_delay"), 0);
    symbols.av_opt_set(context, cString("time_base"), cString("3/71"), 0);
    symbols.av_opt_set(context, cString("pkt_timebase"), cString("5/73"), 0);
    const at = layout.AVCodecContext;
    const field = (offset: number) => memory.readI32(context, offset);
    this.#canary.expect("AVCodecContext.thread_count", field(at.thread_count), 7);
    this.#canary.expect("AVCodecContext.flags", field(at.flags), FLAG_LOW_DELAY);
    this.#canary.expect(
      "AVCodecContext.time_base",
      this.#canary.rational(context, at.time_base),
      "3/71",
    );
    this.#canary.expect(
      "AVCodecContext.pkt_timebase",
      this.#canary.rational(context, at.pkt_timebase),
      "5/73",
    );
    this.#canary.expect("AVCodecContext.width", field(at.width), WIDTH);
    this.#canary.expect("AVCodecContext.height", field(at.height), HEIGHT);
    this.#canary.expect("AVCodecContext.pix_fmt", field(at.pix_fmt), this.#canary.gray());

    const options = new PointerCell(backend);
    const set = (key: string, value: number) =>
      symbols.av_dict_set(options.buffer, cString(key), cString(`${value}`), 0);
    set("threads", 1);
    set("color_range", AVCOL_RANGE_MPEG);
    set("colorspace", AVCOL_SPC_BT2020_NCL);
    const opened = symbols.avcodec_open2(context, codec, options.buffer);
    symbols.av_dict_free(options.buffer);
    this.#canary.expect("avcodec_open2", opened, 0);
    return context;
  }

  #packet(format: Pointer, packet: Pointer): void {
    const { symbols, memory, layout: { AVPacket: at } } = this.#libav;
    this.#canary.expect("av_read_frame", symbols.av_read_frame(format, packet), 0);
    this.#canary.expect("AVPacket.pts", memory.readI64(packet, at.pts), 0n);
    this.#canary.expect("AVPacket.dts", memory.readI64(packet, at.dts), 0n);
    this.#canary.expect("AVPacket.size", memory.readI32(packet, at.size), FRAME_BYTES);
    this.#canary.expect("AVPacket.stream_index", memory.readI32(packet, at.stream_index), 0);
    this.#canary.expect(
      "AVPacket.flags",
      memory.readI32(packet, at.flags) & AV_PKT_FLAG_KEY,
      AV_PKT_FLAG_KEY,
    );
    this.#canary.object("AVPacket.data", memory.readPointer(packet, at.data));
    this.#streamIndex(packet);
  }

  /** Copying the properties must carry the field along; padding is not copied. */
  #streamIndex(packet: Pointer): void {
    const { symbols, memory, layout: { AVPacket: at }, backend } = this.#libav;
    const cell = new PointerCell(backend, symbols.av_packet_alloc());
    try {
      const copy = this.#canary.object("AVPacket", cell.value);
      memory.writeI32(packet, at.stream_index, 7);
      symbols.av_packet_copy_props(copy, packet);
      memory.writeI32(packet, at.stream_index, 0);
      this.#canary.expect("AVPacket.stream_index", memory.readI32(copy, at.stream_index), 7);
    } finally {
      symbols.av_packet_free(cell.buffer);
    }
  }

  #frame(codec: Pointer, packet: Pointer, frame: Pointer): void {
    const { symbols, memory, layout: { AVFrame: at, AVPacket } } = this.#libav;
    // A time that no other field can hold by accident.
    memory.writeI64(packet, AVPacket.pts, 12347n);
    this.#canary.expect("avcodec_send_packet", symbols.avcodec_send_packet(codec, packet), 0);
    this.#canary.expect("avcodec_receive_frame", symbols.avcodec_receive_frame(codec, frame), 0);
    const field = (offset: number) => memory.readI32(frame, offset);
    this.#canary.expect("AVFrame.width", field(at.width), WIDTH);
    this.#canary.expect("AVFrame.height", field(at.height), HEIGHT);
    this.#canary.expect("AVFrame.format", field(at.format), this.#canary.gray());
    this.#canary.expect("AVFrame.color_range", field(at.color_range), AVCOL_RANGE_MPEG);
    this.#canary.expect("AVFrame.colorspace", field(at.colorspace), AVCOL_SPC_BT2020_NCL);
    this.#canary.expect("AVFrame.linesize", field(at.linesize) >= WIDTH, true);
    this.#canary.expect("AVFrame.pts", memory.readI64(frame, at.pts), 12347n);
    this.#canary.expect(
      "AVFrame.best_effort_timestamp",
      memory.readI64(frame, at.best_effort_timestamp),
      12347n,
    );
    this.#canary.object("AVFrame.data", memory.readPointer(frame, at.data));
    if (at.key_frame >= 0) {
      this.#canary.expect("AVFrame.key_frame", field(at.key_frame), 1);
      this.#newFrame();
    } else {
      this.#canary.expect("AVFrame.flags", field(at.flags) & AV_FRAME_FLAG_KEY, AV_FRAME_FLAG_KEY);
    }
    this.#cropping(frame);
  }

  /** A new frame counts as a keyframe, but is of no picture type (the field behind) yet. */
  #newFrame(): void {
    const { symbols, memory, layout: { AVFrame: at }, backend } = this.#libav;
    const cell = new PointerCell(backend, symbols.av_frame_alloc());
    const keyframe = memory.readI32(this.#canary.object("AVFrame", cell.value), at.key_frame);
    symbols.av_frame_free(cell.buffer);
    this.#canary.expect("AVFrame.key_frame", keyframe, 1);
  }

  /** Cuts that the library has carried out are taken back to 0 by it. */
  #cropping(frame: Pointer): void {
    const { symbols, memory, layout: { AVFrame: at } } = this.#libav;
    const cuts = { crop_left: 2n, crop_top: 1n, crop_right: 1n, crop_bottom: 2n } as const;
    const fields = Object.keys(cuts) as (keyof typeof cuts)[];
    for (const field of fields) {
      this.#canary.expect(`AVFrame.${field}`, memory.readI64(frame, at[field]), 0n);
    }
    const data = memory.readI64(frame, at.data);
    for (const field of fields) memory.writeI64(frame, at[field], cuts[field]);
    symbols.av_frame_apply_cropping(frame, AV_FRAME_CROP_UNALIGNED);
    // Done by the library already; with a wrong layout this undoes the writes.
    for (const field of fields) memory.writeI64(frame, at[field], 0n);
    this.#canary.expect(
      "AVFrame.crop_left + crop_right",
      memory.readI32(frame, at.width),
      WIDTH - 3,
    );
    this.#canary.expect(
      "AVFrame.crop_top + crop_bottom",
      memory.readI32(frame, at.height),
      HEIGHT - 3,
    );
    const moved = memory.readI64(frame, at.data) - data;
    const rows = BigInt(memory.readI32(frame, at.linesize)) * cuts.crop_top;
    this.#canary.expect("AVFrame.crop_left", moved - rows, cuts.crop_left);
  }

  /** A picture with a hole is marked as repaired by the decoder. */
  #damage(): void {
    const { symbols, memory, layout, backend } = this.#libav;
    const { AVFrame: at, AVCodecContext: codecAt } = layout;
    const input = new PointerCell(backend, this.#formatContext());
    const codec = new PointerCell(
      backend,
      symbols.avcodec_alloc_context3(
        symbols.avcodec_find_decoder_by_name(cString("mpeg1video")),
      ),
    );
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    const frame = new PointerCell(backend, symbols.av_frame_alloc());
    try {
      const opened = this.#canary.openData(input, "mpegvideo", DAMAGED_PICTURE);
      this.#canary.expect("avformat_open_input", opened, 0);
      const decoder = this.#canary.object("AVCodecContext", codec.value);
      const picture = this.#canary.object("AVFrame", frame.value);
      symbols.avcodec_open2(decoder, null, null);
      symbols.av_read_frame(
        this.#canary.object("AVFormatContext", input.value),
        this.#canary.object("AVPacket", packet.value),
      );
      symbols.avcodec_send_packet(decoder, packet.value);
      symbols.avcodec_send_packet(decoder, null);
      this.#canary.expect(
        "avcodec_receive_frame",
        symbols.avcodec_receive_frame(decoder, picture),
        0,
      );
      this.#canary.expect(
        "AVCodecContext.framerate",
        this.#canary.rational(decoder, codecAt.framerate),
        "25/1",
      );
      this.#canary.expect(
        "AVFrame.decode_error_flags",
        memory.readI32(picture, at.decode_error_flags),
        FF_DECODE_ERROR_CONCEALMENT_ACTIVE,
      );
    } finally {
      symbols.av_frame_free(frame.buffer);
      symbols.av_packet_free(packet.buffer);
      symbols.avcodec_free_context(codec.buffer);
      symbols.avformat_close_input(input.buffer);
    }
  }

  /** Packets of a discarded stream never reach its parser, so none come out. */
  #discard(): void {
    const { symbols, memory, layout: { AVFormatContext: at, AVStream }, backend } = this.#libav;
    const cell = new PointerCell(backend, this.#formatContext());
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    try {
      this.#canary.expect(
        "avformat_open_input",
        this.#canary.openData(cell, "mjpeg", TINY_MJPEG),
        0,
      );
      const context = this.#canary.object("AVFormatContext", cell.value);
      const streams = this.#canary.object("streams", memory.readPointer(context, at.streams));
      const stream = this.#canary.object("AVStream", memory.readPointer(streams, 0));
      memory.writeI32(stream, AVStream.discard, AVDISCARD_ALL);
      const result = symbols.av_read_frame(context, this.#canary.object("AVPacket", packet.value));
      this.#canary.expect("AVStream.discard", result, AVERROR.EOF);
    } finally {
      symbols.av_packet_free(packet.buffer);
      symbols.avformat_close_input(cell.buffer);
    }
  }

  /** A read with the stop byte set must end with AVERROR_EXIT. */
  #interrupt(): void {
    const { symbols, memory, layout: { AVFormatContext: at }, backend, strlen } = this.#libav;
    const format = this.#canary.object("AVFormatContext", symbols.avformat_alloc_context());
    const stop = nativeBytes(8);
    memory.writePointer(format, at.interrupt_callback, strlen);
    memory.writePointer(format, at.interrupt_callback + 8, backend.pointerOf(stop));
    const cell = new PointerCell(backend, format);
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    try {
      stop[0] = 1;
      const opened = this.#canary.openPicture(cell);
      const result = opened < 0
        ? opened
        : symbols.av_read_frame(format, this.#canary.object("AVPacket", packet.value));
      this.#canary.expect("AVFormatContext.interrupt_callback", result, AVERROR.EXIT);
    } finally {
      symbols.av_packet_free(packet.buffer);
      symbols.avformat_close_input(cell.buffer);
    }
  }
}
