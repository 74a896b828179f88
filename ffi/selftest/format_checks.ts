/**
 * Checks against libavformat: contexts, streams and inputs.
 *
 * @module
 */

import { AVERROR } from "../averror.ts";
import { cString, nativeBytes, PointerCell } from "../backend/memory.ts";
import type { Pointer } from "../backend/types.ts";
import { AVDISCARD_ALL, AVFMTCTX_NOHEADER, NOPTS } from "../constants.ts";
import type { Libav } from "../libav.ts";
import { HEIGHT, type LayoutChecker, RATE, WIDTH } from "./checker.ts";

const FLAG_GENPTS_DISCARDCORRUPT = 0x1 | 0x100;
/** Bytes. */
const LARGEST_LIBRARY = 2 ** 30;
/** The head of an FLV file, which tells of no stream yet. */
const FLV_HEAD = "RkxWAQEAAAAJAAAAAA==";
/** The head of an IVF file with VP8 in it. */
const IVF_HEAD = "REtJRgAAIABWUDgwEAAQAB4AAAABAAAAAAAAAAAAAAA=";
/** `AVMEDIA_TYPE_VIDEO`. */
const VIDEO = 0;
const VP8_TAG = 0x30385056;
/** A JPEG's first and last marker, twice: enough for the parser to see a picture. */
const TINY_MJPEG = "/9j/2f/Y/9k=";

/** Compares the structs of libavformat (and the dictionary) with the layout. */
export class FormatChecks {
  readonly #libav: Libav;
  readonly #checker: LayoutChecker;

  constructor(libav: Libav, checker: LayoutChecker) {
    this.#libav = libav;
    this.#checker = checker;
  }

  dictionary(): void {
    const { symbols, memory, layout: { AVDictionaryEntry: at }, backend } = this.#libav;
    const cell = new PointerCell(backend);
    symbols.av_dict_set(cell.buffer, cString("checker"), cString("yellow"), 0);
    try {
      const entry = symbols.av_dict_get(cell.value, cString("checker"), null, 0);
      const found = this.#checker.object("AVDictionaryEntry", entry);
      const text = (offset: number) => memory.readString(memory.readPointer(found, offset));
      this.#checker.expect("AVDictionaryEntry.key", text(at.key), "checker");
      this.#checker.expect("AVDictionaryEntry.value", text(at.value), "yellow");
    } finally {
      symbols.av_dict_free(cell.buffer);
    }
  }

  option(): void {
    const { symbols, memory, layout: { AVOption: at } } = this.#libav;
    const context = this.#checker.object("AVFormatContext", symbols.avformat_alloc_context());
    try {
      const option = symbols.av_opt_find(context, cString("max_delay"), null, 0, 0);
      const found = this.#checker.object("AVOption", option);
      const name = memory.readString(memory.readPointer(found, at.name));
      this.#checker.expect("AVOption.name", name, "max_delay");
    } finally {
      symbols.avformat_free_context(context);
    }
  }

  /** Streams that were made by hand, whose addresses are known. */
  streams(): void {
    const { symbols, memory, layout: { AVFormatContext: at, AVStream }, backend } = this.#libav;
    const context = this.#checker.object("AVFormatContext", symbols.avformat_alloc_context());
    try {
      const made = [0, 1].map(() =>
        this.#checker.object("AVStream", symbols.avformat_new_stream(context, null))
      );
      this.#checker.expect("AVFormatContext.nb_streams", memory.readI32(context, at.nb_streams), 2);
      const streams = this.#checker.object(
        "AVFormatContext.streams",
        memory.readPointer(context, at.streams),
      );
      made.forEach((stream, i) => {
        const found = backend.addressOf(memory.readPointer(streams, i * 8));
        this.#checker.expect("AVFormatContext.streams", found, backend.addressOf(stream));
        this.#checker.expect("AVStream.index", memory.readI32(stream, AVStream.index), i);
      });
    } finally {
      symbols.avformat_free_context(context);
    }
  }

  /** What was opened by name, and whether its streams are announced. */
  demuxers(): void {
    this.#demuxer("flv", FLV_HEAD, AVFMTCTX_NOHEADER);
    this.#demuxer("ivf", IVF_HEAD, 0);
  }

  #demuxer(name: string, head: string, flags: number): void {
    const { symbols, memory, layout: { AVFormatContext: at, AVInputFormat }, backend } =
      this.#libav;
    const known = this.#checker.object(
      "AVInputFormat",
      symbols.av_find_input_format(cString(name)),
    );
    const place = backend.addressOf(known);
    this.#withInput(name, head, (context) => {
      const found = backend.addressOf(memory.readPointer(context, at.iformat));
      this.#checker.expect("AVFormatContext.iformat", found, place);
      this.#checker.expect(
        "AVFormatContext.ctx_flags",
        memory.readI32(context, at.ctx_flags),
        flags,
      );
    });
    // The text is a constant of the same file: what is elsewhere is not looked at.
    const text = memory.readPointer(known, AVInputFormat.name);
    const distance = Number(backend.addressOf(text) - place);
    this.#checker.expect("AVInputFormat.name", Math.abs(distance) < LARGEST_LIBRARY, true);
    this.#checker.expect("AVInputFormat.name", memory.readString(text), name);
  }

  /** What is there must say by itself that it is an AVIOContext. */
  ioContext(): void {
    const { memory, layout: { AVFormatContext: at } } = this.#libav;
    this.#withInput("flv", FLV_HEAD, (context) => {
      const io = this.#checker.object("AVFormatContext.pb", memory.readPointer(context, at.pb));
      const kind = this.#checker.object("AVFormatContext.pb", memory.readPointer(io, 0));
      const name = memory.readString(memory.readPointer(kind, 0));
      this.#checker.expect("AVFormatContext.pb", name, "AVIOContext");
    });
  }

  codecTag(): void {
    const { memory, layout: { AVFormatContext: at, AVStream, AVCodecParameters } } = this.#libav;
    this.#withInput("ivf", IVF_HEAD, (context) => {
      const streams = this.#checker.object("streams", memory.readPointer(context, at.streams));
      const stream = this.#checker.object("AVStream", memory.readPointer(streams, 0));
      const parameters = this.#checker.object(
        "AVStream.codecpar",
        memory.readPointer(stream, AVStream.codecpar),
      );
      const type = memory.readI32(parameters, AVCodecParameters.codec_type);
      this.#checker.expect("AVCodecParameters.codec_type", type, VIDEO);
      const tag = memory.readI32(parameters, AVCodecParameters.codec_tag);
      this.#checker.expect("AVCodecParameters.codec_tag", tag, VP8_TAG);
    });
  }

  #withInput(demuxer: string, base64: string, look: (context: Pointer) => void): void {
    const cell = new PointerCell(this.#libav.backend);
    try {
      const opened = this.#checker.openData(cell, demuxer, base64);
      this.#checker.expect("avformat_open_input", opened, 0);
      look(this.#checker.object("AVFormatContext", cell.value));
    } finally {
      this.#libav.symbols.avformat_close_input(cell.buffer);
    }
  }

  formatContext(): Pointer {
    const { symbols, memory, layout: { AVFormatContext: at } } = this.#libav;
    const context = this.#checker.object("AVFormatContext", symbols.avformat_alloc_context());
    symbols.av_opt_set_int(context, cString("max_delay"), 123457n, 0);
    symbols.av_opt_set(context, cString("fflags"), cString("genpts+discardcorrupt"), 0);
    this.#checker.expect(
      "AVFormatContext.max_delay",
      memory.readI32(context, at.max_delay),
      123457,
    );
    this.#checker.expect(
      "AVFormatContext.flags",
      memory.readI32(context, at.flags),
      FLAG_GENPTS_DISCARDCORRUPT,
    );
    this.#checker.expect("AVFormatContext.nb_streams", memory.readI32(context, at.nb_streams), 0);
    return context;
  }

  open(cell: PointerCell): Pointer {
    const { symbols, memory, layout } = this.#libav;
    this.#checker.expect("avformat_open_input", this.#checker.openPicture(cell), 0);
    const context = this.#checker.object("AVFormatContext", cell.value);
    const { AVFormatContext: at, AVStream, AVCodecParameters } = layout;
    this.#checker.expect("AVFormatContext.nb_streams", memory.readI32(context, at.nb_streams), 1);
    this.#checker.expect("AVFormatContext.duration", memory.readI64(context, at.duration), NOPTS);
    const streams = this.#checker.object(
      "AVFormatContext.streams",
      memory.readPointer(context, at.streams),
    );
    const stream = this.#checker.object("AVStream", memory.readPointer(streams, 0));
    this.#checker.expect(
      "avformat_find_stream_info",
      symbols.avformat_find_stream_info(context, null),
      0,
    );
    this.#checker.expect(
      "AVStream.avg_frame_rate",
      this.#checker.rational(stream, AVStream.avg_frame_rate),
      RATE,
    );
    this.#checker.expect("AVStream.discard", memory.readI32(stream, AVStream.discard), 0);
    this.#checker.expect(
      "AVStream.time_base",
      this.#checker.rational(stream, AVStream.time_base),
      "3/7",
    );
    const parameters = this.#checker.object(
      "AVStream.codecpar",
      memory.readPointer(stream, AVStream.codecpar),
    );
    const field = (offset: number) => memory.readI32(parameters, offset);
    this.#checker.expect(
      "AVCodecParameters.codec_id",
      memory.readString(symbols.avcodec_get_name(field(AVCodecParameters.codec_id))),
      "rawvideo",
    );
    this.#checker.expect("AVCodecParameters.width", field(AVCodecParameters.width), WIDTH);
    this.#checker.expect("AVCodecParameters.height", field(AVCodecParameters.height), HEIGHT);
    this.#checker.expect(
      "AVCodecParameters.format",
      field(AVCodecParameters.format),
      this.#checker.gray(),
    );
    return stream;
  }

  /** Packets of a discarded stream never reach its parser, so none come out. */
  discard(): void {
    const { symbols, memory, layout: { AVFormatContext: at, AVStream }, backend } = this.#libav;
    const cell = new PointerCell(backend, this.formatContext());
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    try {
      this.#checker.expect(
        "avformat_open_input",
        this.#checker.openData(cell, "mjpeg", TINY_MJPEG),
        0,
      );
      const context = this.#checker.object("AVFormatContext", cell.value);
      const streams = this.#checker.object("streams", memory.readPointer(context, at.streams));
      const stream = this.#checker.object("AVStream", memory.readPointer(streams, 0));
      memory.writeI32(stream, AVStream.discard, AVDISCARD_ALL);
      const result = symbols.av_read_frame(context, this.#checker.object("AVPacket", packet.value));
      this.#checker.expect("AVStream.discard", result, AVERROR.EOF);
    } finally {
      symbols.av_packet_free(packet.buffer);
      symbols.avformat_close_input(cell.buffer);
    }
  }

  /** A read with the stop byte set must end with AVERROR_EXIT. */
  interrupt(): void {
    const { symbols, memory, layout: { AVFormatContext: at }, backend, strlen } = this.#libav;
    const format = this.#checker.object("AVFormatContext", symbols.avformat_alloc_context());
    const stop = nativeBytes(8);
    memory.writePointer(format, at.interrupt_callback, strlen);
    memory.writePointer(format, at.interrupt_callback + 8, backend.pointerOf(stop));
    const cell = new PointerCell(backend, format);
    const packet = new PointerCell(backend, symbols.av_packet_alloc());
    try {
      stop[0] = 1;
      const opened = this.#checker.openPicture(cell);
      const result = opened < 0
        ? opened
        : symbols.av_read_frame(format, this.#checker.object("AVPacket", packet.value));
      this.#checker.expect("AVFormatContext.interrupt_callback", result, AVERROR.EXIT);
    } finally {
      symbols.av_packet_free(packet.buffer);
      symbols.avformat_close_input(cell.buffer);
    }
  }
}
