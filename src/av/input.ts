/**
 * An open AVFormatContext to read from.
 *
 * @module
 */

import {
  AVDISCARD_ALL,
  AVERROR,
  averror,
  AVFMTCTX_NOHEADER,
  cString,
  type Libav,
  type OwnedCell,
  type Pointer,
  PointerCell,
} from "../../ffi/mod.ts";
import type { Track, TrackKind } from "../core/connection/track.ts";
import type { Rational } from "../core/timing/rational.ts";
import { check, outOfMemory, SessionError } from "./check.ts";
import { noDemuxer } from "./containers.ts";
import { Dictionary } from "./dictionary.ts";
import { DictionaryList } from "./dictionary_list.ts";
import { InputBytes } from "./input_bytes.ts";
import { installInterrupter } from "./interrupter.ts";
import { optionNames } from "./option_names.ts";
import type { Packet } from "./packet.ts";
import { PictureViews } from "./picture_views.ts";
import { explainSrt, silenceSrt } from "./srt.ts";

/** `AVDISCARD_DEFAULT`: packets of the stream are wanted. */
const AVDISCARD_DEFAULT = 0;
/** `AVMediaType`. */
const MEDIA_TYPE = { video: 0, audio: 1 } as const;
const TRACK_KINDS: Readonly<Record<number, TrackKind>> = { 0: "video", 1: "audio", 3: "subtitle" };
/** `AV_CODEC_ID_NONE`. */
const NO_CODEC = 0;
const AVSEEK_FLAG_BACKWARD = 1;
const AV_OPT_SEARCH_CHILDREN = 1;
/** `AV_TIME_BASE`: durations of a container are in microseconds. */
const TIME_BASE = 1_000_000;

export interface InputRequest {
  readonly url: string;
  /** Options that have to be understood by somebody: the user's. */
  readonly required: Readonly<Record<string, string>>;
  /** Options that not every release, demuxer or protocol knows: ours. */
  readonly optional: Readonly<Record<string, string>>;
  /** The demuxer by name; probed when not given. */
  readonly demuxer?: string | undefined;
  /** Begins with the stop byte; see `installInterrupter`. */
  readonly stop: Uint8Array;
}

/** What a stream carries. */
export type MediaKind = keyof typeof MEDIA_TYPE;

/** A stream of an input. Borrowed: valid while the input is open. */
export interface InputStream {
  readonly kind: MediaKind;
  /** The `streamIndex` of its packets. */
  readonly index: number;
  readonly parameters: Pointer;
  readonly codecId: number;
  /** `"h264"`. */
  readonly codec: string;
  /** Seconds per unit of a packet's times. */
  readonly timeBase: Rational;
  /** As declared, not checked; NaN where there is none. */
  readonly frameRate: number;
  /** How its pictures are to be shown. */
  readonly views: PictureViews;
}

/** Owned: dispose of it, which tells the server (TEARDOWN). */
export class Input implements Disposable {
  readonly #libav: Libav;
  readonly #cell: OwnedCell;
  readonly #context: Pointer;
  /** libav keeps an address in it. */
  readonly #stop: Uint8Array;
  /** The streams that were selected. */
  readonly #selected = new Map<MediaKind, number>();

  private constructor(libav: Libav, cell: OwnedCell, context: Pointer, stop: Uint8Array) {
    this.#libav = libav;
    this.#cell = cell;
    this.#context = context;
    this.#stop = stop;
  }

  /**
   * Connects and reads the header.
   *
   * @throws {CallError} libav could not open it.
   * @throws {SessionError} `OPTION_UNKNOWN`, `UNSUPPORTED_CONTAINER`
   */
  static open(libav: Libav, request: InputRequest): Input {
    const { symbols } = libav;
    const demuxer = request.demuxer === undefined
      ? null
      : symbols.av_find_input_format(cString(request.demuxer));
    if (request.demuxer !== undefined && demuxer === null) {
      throw noDemuxer(libav, request.demuxer);
    }
    const context = symbols.avformat_alloc_context();
    if (context === null) throw outOfMemory("a context");
    installInterrupter(libav, context, request.stop);
    const cell = libav.ownedCell("avformat_close_input", context);
    using options = new Dictionary(libav, { ...request.optional, ...request.required });
    const { url } = request;
    silenceSrt(libav, url);
    // On failure the context is freed by the call.
    const code = symbols.avformat_open_input(cell.buffer, cString(url), demuxer, options.reference);
    try {
      check(libav, code, "open");
    } catch (error) {
      cell.release();
      throw explainSrt(libav, url, error);
    }
    const input = new Input(libav, cell, context, request.stop);
    try {
      options.assertUnderstood(
        request.required,
        "no demuxer or protocol of this stream knows",
        () => optionNames(libav, input.#context, "read"),
      );
    } catch (error) {
      input[Symbol.dispose]();
      throw error;
    }
    return input;
  }

  /**
   * Has the server send, where `initial_pause` has kept it from that.
   *
   * @throws {CallError}
   */
  play(): void {
    check(this.#libav, this.#libav.symbols.av_read_play(this.#context), "open");
  }

  /** Whether streams may appear with their packets. */
  get mayGrow(): boolean {
    const { memory, layout: { AVFormatContext } } = this.#libav;
    const flags = memory.readI32(this.#context, AVFormatContext.ctx_flags);
    return (flags & AVFMTCTX_NOHEADER) !== 0;
  }

  /** Gives out packets as they come, without waiting for what belongs together. */
  skipParser(): void {
    const { symbols } = this.#libav;
    symbols.av_opt_set(this.#context, cString("fflags"), cString("+nobuffer+noparse+nofillin"), 0);
  }

  /** Changes an option of the demuxer; where it has none of the name, nothing. */
  setOption(name: string, value: string): void {
    const { symbols } = this.#libav;
    symbols.av_opt_set(this.#context, cString(name), cString(value), AV_OPT_SEARCH_CHILDREN);
  }

  /**
   * Reads until the streams' parameters are known.
   *
   * @param options of the decoders that have to look at pictures for it
   */
  findStreamInfo(options: Readonly<Record<string, string>>): void {
    const { symbols } = this.#libav;
    using each = new DictionaryList(this.#libav, this.#streams().length, options);
    check(this.#libav, symbols.avformat_find_stream_info(this.#context, each.reference), "open");
  }

  /**
   * The stream of that kind that libav thinks best of those with a decoder; undefined
   * when there is none, and nothing is switched off then. Packets come of the selected
   * streams only, but for those that `findStreamInfo` has read before. A stream may be
   * known better after that, and is selected again.
   *
   * @param wanted the index of the only one that will do
   */
  select(kind: MediaKind, wanted = -1): InputStream | undefined {
    const { symbols, backend } = this.#libav;
    this.#selected.delete(kind);
    // One that belongs to the same program as what was selected before.
    const [related = -1] = this.#selected.values();
    const type = MEDIA_TYPE[kind];
    // libav looks for a decoder only where it is to give it out.
    const decoder = new PointerCell(backend);
    const best = symbols.av_find_best_stream(
      this.#context,
      type,
      wanted,
      related,
      decoder.buffer,
      0,
    );
    const pointer = best < 0 ? undefined : this.#streams()[best];
    if (!pointer) return undefined;
    this.#selected.set(kind, best);
    this.#discardOthers();
    return this.#describe(kind, best, pointer);
  }

  /** Addresses of AVStream, in their order. */
  #streams(): Pointer[] {
    const { memory, layout: { AVFormatContext } } = this.#libav;
    const streams = memory.readPointer(this.#context, AVFormatContext.streams);
    const count = memory.readI32(this.#context, AVFormatContext.nb_streams);
    return Array.from({ length: count }, (_, i) => streams && memory.readPointer(streams, i * 8))
      .filter((stream) => stream !== null);
  }

  /** Switches off what is not selected. */
  #discardOthers(): void {
    const { memory, layout: { AVStream } } = this.#libav;
    const wanted = new Set(this.#selected.values());
    this.#streams().forEach((stream, i) => {
      const discard = wanted.has(i) ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
      memory.writeI32(stream, AVStream.discard, discard);
    });
  }

  /** All streams, with what is known of them by now. */
  get tracks(): Track[] {
    const { symbols, memory, layout: { AVStream, AVCodecParameters } } = this.#libav;
    const selected = new Set(this.#selected.values());
    return this.#streams().flatMap((stream, index): Track[] => {
      const parameters = memory.readPointer(stream, AVStream.codecpar);
      if (parameters === null) return [];
      const field = (offset: number) => memory.readI32(parameters, offset);
      const codec = field(AVCodecParameters.codec_id);
      return [{
        index,
        kind: TRACK_KINDS[field(AVCodecParameters.codec_type)] ?? "other",
        codec: codec === NO_CODEC ? "unknown" : this.#codecName(codec),
        decodable: symbols.avcodec_find_decoder(codec) !== null,
        width: field(AVCodecParameters.width) || undefined,
        height: field(AVCodecParameters.height) || undefined,
        selected: selected.has(index),
      }];
    });
  }

  #codecName(codecId: number): string {
    const { symbols, memory } = this.#libav;
    return memory.readString(symbols.avcodec_get_name(codecId)) ?? "unknown";
  }

  #describe(kind: MediaKind, index: number, stream: Pointer): InputStream | undefined {
    const { memory, layout: { AVStream, AVCodecParameters } } = this.#libav;
    const parameters = memory.readPointer(stream, AVStream.codecpar);
    if (parameters === null) return undefined;
    const codecId = memory.readI32(parameters, AVCodecParameters.codec_id);
    const { num, den } = memory.readRational(stream, AVStream.avg_frame_rate);
    return {
      kind,
      index,
      parameters,
      codecId,
      codec: this.#codecName(codecId),
      timeBase: memory.readRational(stream, AVStream.time_base),
      frameRate: num / den,
      views: new PictureViews(this.#libav, this.#context, stream),
    };
  }

  /** libav's name of the container: `"mpegts"`. */
  get container(): string {
    const { memory, layout: { AVFormatContext, AVInputFormat } } = this.#libav;
    const demuxer = memory.readPointer(this.#context, AVFormatContext.iformat);
    return memory.readString(demuxer && memory.readPointer(demuxer, AVInputFormat.name)) ?? "";
  }

  /** What was opened itself. */
  get bytes(): InputBytes {
    const { memory, layout: { AVFormatContext } } = this.#libav;
    return new InputBytes(this.#libav, memory.readPointer(this.#context, AVFormatContext.pb));
  }

  /** Bytes of the whole; undefined where that is not known. */
  get size(): number | undefined {
    return this.bytes.size;
  }

  /** Seconds; undefined for a stream without an end. */
  get duration(): number | undefined {
    const { memory, layout: { AVFormatContext } } = this.#libav;
    const duration = memory.readI64(this.#context, AVFormatContext.duration);
    return duration > 0n ? Number(duration) / TIME_BASE : undefined;
  }

  /**
   * Blocks until there is a packet, of any stream that was not switched off.
   *
   * @throws {CallError}
   */
  read(packet: Packet): "packet" | "again" | "end" {
    const code = this.#libav.symbols.av_read_frame(this.#context, packet.pointer);
    if (code >= 0) {
      packet.load();
      return "packet";
    }
    if (code === AVERROR.EOF) return "end";
    if (code === this.#again) return "again";
    check(this.#libav, code, "read");
    return "end";
  }

  /** Whether it may be possible to go back: a pipe has no size, nor has a stream without an end. */
  get rewindable(): boolean {
    const { symbols, memory, layout: { AVFormatContext } } = this.#libav;
    const data = memory.readPointer(this.#context, AVFormatContext.pb);
    // Some demuxers open their files themselves.
    return data === null || symbols.avio_size(data) > 0n;
  }

  /**
   * Goes back to the beginning of a file.
   *
   * @throws {SessionError} `NOT_SEEKABLE`
   */
  rewind(): void {
    const { symbols } = this.#libav;
    const code = symbols.av_seek_frame(this.#context, -1, 0n, AVSEEK_FLAG_BACKWARD);
    if (code < 0) throw new SessionError("read", "NOT_SEEKABLE");
  }

  get #again(): number {
    return averror("EAGAIN", this.#libav.backend.platform.os);
  }

  [Symbol.dispose](): void {
    // A stop that was asked for has been heard; with the byte still set, the
    // goodbye to the server would be interrupted too.
    Atomics.store(this.#stop, 0, 0);
    this.#libav.symbols.avformat_close_input(this.#cell.buffer);
    this.#cell.release();
  }
}
