/**
 * An open AVFormatContext to write to.
 *
 * @module
 */

import {
  cString,
  type Libav,
  type NativeBuffer,
  type OwnedCell,
  packRational,
  type Pointer,
} from "../../ffi/mod.ts";
import { type Alternatives, codecTag, fits, misfit } from "../core/output/container_codecs.ts";
import { FRAGMENTED } from "../core/output/output_format.ts";
import type { Completion, OpenFile } from "../core/shared/open_file.ts";
import { now } from "../core/timing/clock.ts";
import { FragmentClock } from "../core/timing/fragment_clock.ts";
import type { Rational } from "../core/timing/rational.ts";
import { check, outOfMemory, SessionError } from "./check.ts";
import { containerQuery } from "./container_query.ts";
import { noMuxer } from "./containers.ts";
import { Dictionary } from "./dictionary.ts";
import { installInterrupter } from "./interrupter.ts";
import { optionNames } from "./option_names.ts";
import { orValueRefused, wrongOutputValue, wrongValueIn } from "./option_values.ts";
import type { Packet } from "./packet.ts";
import { writeMatrix } from "./picture_views.ts";
import { explainSrt, silenceSrt } from "./srt.ts";

const AVIO_FLAG_WRITE = 2;

export interface OutputRequest {
  readonly url: string;
  /** The muxer by name. */
  readonly muxer: string;
  /** The muxer makes its own connection, as `"rtsp"` does. */
  readonly connectsItself: boolean;
  /** Options that have to be understood by somebody: the user's. */
  readonly required: Readonly<Record<string, string>>;
  /** Options that not every muxer or protocol knows: ours. */
  readonly optional: Readonly<Record<string, string>>;
  /** Whether it is a file that is to be played even if it is never completed. */
  readonly fragmented: boolean;
  /** What is named when the muxer does not take the codec. */
  readonly alternatives: Alternatives;
  /** Begins with the stop byte, see `installInterrupter`; without it nothing is interrupted. */
  readonly stop?: Uint8Array | undefined;
  /** Of a regular file that the main thread may take over; then nothing more is done with it. */
  readonly file?: OpenFile | undefined;
}

/** What a stream of an output is. */
export interface OutputStream {
  /** Fills the stream's AVCodecParameters; returns libav's code. */
  describe(parameters: Pointer): number;
  /** Seconds per unit of the times of its packets. */
  readonly timeBase: Rational;
  /** Frames per second, for containers that declare it. */
  readonly frameRate?: Rational | undefined;
  /** The display matrix, where its pictures have one. */
  readonly matrix?: Int32Array | undefined;
}

/** Whether there is something at a file's URL already. */
export function exists(libav: Libav, url: string): boolean {
  return libav.symbols.avio_check(cString(url), 0) >= 0;
}

/** A stream that was added to a context. */
interface AddedStream {
  readonly pointer: Pointer;
  /** Of the packets that come; that of the container may be another one. */
  readonly timeBase: Rational;
  /** In units of `timeBase`; 0n where frames are not of one duration. */
  readonly frameDuration: bigint;
}

/** Streams on their way out. Owned: dispose of it. */
export class Output implements Disposable {
  readonly #libav: Libav;
  readonly #cell: OwnedCell;
  readonly #context: Pointer;
  readonly #streams: readonly AddedStream[];
  readonly #connectsItself: boolean;
  readonly #fragments: FragmentClock | undefined;
  /** libav keeps an address in it. */
  readonly #stop: Uint8Array | undefined;
  readonly #file: OpenFile | undefined;
  #finished = false;
  #takenOver = false;

  private constructor(
    libav: Libav,
    cell: OwnedCell,
    context: Pointer,
    streams: readonly AddedStream[],
    { connectsItself, fragmented, stop, file }: OutputRequest,
  ) {
    this.#libav = libav;
    this.#cell = cell;
    this.#context = context;
    this.#streams = streams;
    this.#connectsItself = connectsItself;
    if (fragmented) this.#fragments = new FragmentClock();
    this.#stop = stop;
    this.#file = file;
  }

  /**
   * Connects and writes the header.
   *
   * @param streams at least one; their places in the list are their numbers
   * @throws {CallError}
   * @throws {SessionError} `UNSUPPORTED_CONTAINER` when FFmpeg has no such muxer,
   * `UNSUPPORTED_CODEC` when the muxer does not take the codec, `OPTION_UNKNOWN`
   */
  static open(libav: Libav, streams: readonly OutputStream[], request: OutputRequest): Output {
    const { symbols } = libav;
    const cell = libav.ownedCell("avformat_close_input", null);
    const { muxer, url } = request;
    symbols.avformat_alloc_output_context2(cell.buffer, null, cString(muxer), cString(url));
    const context = cell.value;
    if (context === null) {
      cell.release();
      throw noMuxer(libav, muxer);
    }
    if (request.stop) installInterrupter(libav, context, request.stop);
    try {
      const added = streams.map((stream) => addStream(libav, context, stream, request));
      using options = new Dictionary(libav, {
        ...(request.fragmented ? FRAGMENTED : {}),
        ...request.optional,
        ...request.required,
      });
      const output = new Output(libav, cell, context, added, request);
      if (!request.connectsItself) output.#connect(url, options.reference);
      try {
        check(libav, symbols.avformat_write_header(context, options.reference), "open");
        options.assertUnderstood(
          request.required,
          "no muxer or protocol of this URL knows",
          () => optionNames(libav, context, "write"),
        );
      } catch (error) {
        output.#disconnect();
        throw error;
      }
      request.file?.begin(output.#completion);
      return output;
    } catch (error) {
      const cause = orValueRefused(error, () => {
        return wrongValueIn(libav, context, request.required) ??
          wrongOutputValue(libav, url, request.required);
      });
      symbols.avformat_free_context(context);
      cell.release();
      throw cause;
    }
  }

  #connect(url: string, options: NativeBuffer): void {
    const { symbols, backend, layout: { AVFormatContext } } = this.#libav;
    silenceSrt(this.#libav, url);
    const code = symbols.avio_open2(
      backend.offset(this.#context, AVFormatContext.pb),
      cString(url),
      AVIO_FLAG_WRITE,
      backend.offset(this.#context, AVFormatContext.interrupt_callback),
      options,
    );
    try {
      check(this.#libav, code, "open");
    } catch (error) {
      throw explainSrt(this.#libav, url, error);
    }
  }

  /** The code of what was still to be written. */
  #disconnect(): number {
    if (this.#connectsItself) return 0;
    const { symbols, backend, layout: { AVFormatContext } } = this.#libav;
    return symbols.avio_closep(backend.offset(this.#context, AVFormatContext.pb));
  }

  /**
   * Writes a packet, whose data the muxer takes over; its times are in the
   * stream's time base before.
   *
   * @param stream its number
   * @throws {CallError}
   */
  write(packet: Packet, stream: number): void {
    const { symbols, memory, layout: { AVStream } } = this.#libav;
    const { pointer, timeBase: from, frameDuration } = this.#streams[stream]!;
    if (packet.streamIndex !== stream) packet.streamIndex = stream;
    // Not all releases guess it, and without it the last picture of a file is never shown.
    if (packet.duration === 0n) packet.duration = frameDuration;
    // As they are before libav makes other units of them, which this copy does not see.
    const { dts, keyframe } = packet;
    const to = memory.readRational(pointer, AVStream.time_base);
    symbols.av_packet_rescale_ts(
      packet.pointer,
      packRational(from.num, from.den),
      packRational(to.num, to.den),
    );
    this.#use(() => {
      const code = symbols.av_interleaved_write_frame(this.#context, packet.pointer);
      check(this.#libav, code, "write");
    });
    this.#fragments?.wrote(now(), Number(dts) * from.num / from.den * 1000, keyframe);
    this.look();
  }

  /**
   * To be called again and again: what was written is not long where it could not be played.
   *
   * @throws {CallError}
   */
  look(): void {
    if (!this.#fragments?.isDue(now())) return;
    this.#use(() => {
      check(this.#libav, this.#libav.symbols.av_write_frame(this.#context, null), "write");
    });
  }

  #use(work: () => void): void {
    if (!this.#file) work();
    else if (!this.#file.use(work)) this.#takenOver = true;
  }

  /**
   * Writes what completes a file and closes it: only now it is whole.
   *
   * @throws {CallError}
   */
  finish(): void {
    let code = 0;
    this.#end(() => code = this.#complete());
    check(this.#libav, code, "write");
  }

  /** @returns libav's code of what has failed first */
  #complete(): number {
    const trailer = this.#libav.symbols.av_write_trailer(this.#context);
    const closed = this.#disconnect();
    return trailer < 0 ? trailer : closed;
  }

  /** The part of `#complete` without which a file is not whole, for another thread. */
  get #completion(): Completion {
    const { backend, verified } = this.#libav;
    const call = backend.symbolAddress(verified.paths.avformat!, "av_write_trailer");
    return { call: backend.addressOf(call), argument: backend.addressOf(this.#context) };
  }

  #end(work: () => void): void {
    this.#finished = true;
    if (!this.#file) work();
    else if (!this.#file.end(work)) this.#takenOver = true;
  }

  [Symbol.dispose](): void {
    // Also frees what the muxer holds, and tells a server goodbye where it can.
    if (!this.#finished) this.#end(() => this.#complete());
    if (!this.#takenOver) this.#libav.symbols.avformat_free_context(this.#context);
    this.#cell.release();
    void this.#stop;
  }
}

function addStream(
  libav: Libav,
  context: Pointer,
  stream: OutputStream,
  { muxer, alternatives }: OutputRequest,
): AddedStream {
  const { symbols, memory, layout: { AVStream, AVCodecParameters } } = libav;
  const added = symbols.avformat_new_stream(context, null);
  const parameters = added && memory.readPointer(added, AVStream.codecpar);
  if (added === null || parameters === null) throw outOfMemory("a stream");
  check(libav, stream.describe(parameters), "open");
  const id = memory.readI32(parameters, AVCodecParameters.codec_id);
  const codec = memory.readString(symbols.avcodec_get_name(id)) ?? "unknown";
  const ask = containerQuery(libav);
  if (!fits(ask, muxer, codec)) {
    throw new SessionError("open", "UNSUPPORTED_CODEC", misfit(ask, muxer, codec, alternatives));
  }
  // The tag of another container means nothing in this one; 0 lets libav choose.
  const tag = codecTag(muxer, codec);
  memory.writeI32(parameters, AVCodecParameters.codec_tag, tag ? fourCharacters(tag) : 0);
  const { timeBase, frameRate, matrix } = stream;
  if (matrix) writeMatrix(libav, added, matrix);
  memory.writeRational(added, AVStream.time_base, timeBase.num, timeBase.den);
  if (frameRate) {
    memory.writeRational(added, AVStream.avg_frame_rate, frameRate.num, frameRate.den);
  }
  return { pointer: added, timeBase, frameDuration: frameDuration(stream) };
}

/** `MKTAG` of libavutil/macros.h. */
function fourCharacters(tag: string): number {
  return [...tag].reduceRight((number, character) => number << 8 | character.charCodeAt(0), 0);
}

function frameDuration({ timeBase, frameRate }: OutputStream): bigint {
  return frameRate
    ? BigInt(Math.round(frameRate.den / frameRate.num * timeBase.den / timeBase.num))
    : 0n;
}
