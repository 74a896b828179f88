/**
 * The canary in libavformat: contexts, streams and inputs.
 *
 * @module
 */

import { type Canary, HEIGHT, RATE, WIDTH } from "./checker.ts";
import { AVERROR } from "../backend/errors.ts";
import { cString, nativeBytes, PointerCell } from "../backend/memory.ts";
import type { Libav } from "../mod.ts";
import type { Pointer } from "../backend/types.ts";

const NOPTS = -(2n ** 63n);
const AVDISCARD_ALL = 48;
const FLAG_GENPTS_DISCARDCORRUPT = 0x1 | 0x100;
/** The head of an FLV file, which tells of no stream yet. */
const FLV_HEAD = "RkxWAQEAAAAJAAAAAA==";
/** The head of an IVF file with VP8 in it. */
const IVF_HEAD = "REtJRgAAIABWUDgwEAAQAB4AAAABAAAAAAAAAAAAAAA=";
const VP8_TAG = 0x30385056;
/** A JPEG's first and last marker, twice: enough for the parser to see a picture. */
const TINY_MJPEG = "/9j/2f/Y/9k=";

/** Compares the structs of libavformat (and the dictionary) with the layout. */
export class FormatCanary {
  readonly #libav: Libav;
  readonly #canary: Canary;

  constructor(libav: Libav, canary: Canary) {
    this.#libav = libav;
    this.#canary = canary;
  }

  dictionary(): void {
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

  option(): void {
    const { symbols, memory, layout: { AVOption: at } } = this.#libav;
    const context = this.#canary.object("AVFormatContext", symbols.avformat_alloc_context());
    try {
      const option = symbols.av_opt_find(context, cString("max_delay"), null, 0, 0);
      const found = this.#canary.object("AVOption", option);
      const name = memory.readString(memory.readPointer(found, at.name));
      this.#canary.expect("AVOption.name", name, "max_delay");
    } finally {
      symbols.avformat_free_context(context);
    }
  }

  /** Streams that were made by hand, whose addresses are known. */
  streams(): void {
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
  ioContext(): void {
    const { memory, layout: { AVFormatContext: at } } = this.#libav;
    this.#withInput("flv", FLV_HEAD, (context) => {
      const io = this.#canary.object("AVFormatContext.pb", memory.readPointer(context, at.pb));
      const kind = this.#canary.object("AVFormatContext.pb", memory.readPointer(io, 0));
      const name = memory.readString(memory.readPointer(kind, 0));
      this.#canary.expect("AVFormatContext.pb", name, "AVIOContext");
    });
  }

  codecTag(): void {
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

  formatContext(): Pointer {
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

  open(cell: PointerCell): Pointer {
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

  /** Packets of a discarded stream never reach its parser, so none come out. */
  discard(): void {
    const { symbols, memory, layout: { AVFormatContext: at, AVStream }, backend } = this.#libav;
    const cell = new PointerCell(backend, this.formatContext());
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
  interrupt(): void {
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
