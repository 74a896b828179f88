/**
 * An open AVFormatContext to write to.
 *
 * @module
 */

import { cString, type Libav, packRational, type Pointer, PointerCell } from "../../ffi/mod.ts";
import { check, SessionError } from "./check.ts";
import { Dictionary } from "./dictionary.ts";
import type { Encoder } from "./encoder.ts";
import { installInterrupter } from "./interrupter.ts";
import type { Packet } from "./packet.ts";

export interface OutputRequest {
  readonly url: string;
  /** The muxer by name; it must make its own connection, as `"rtsp"` does. */
  readonly muxer: string;
  readonly options: Readonly<Record<string, string>>;
  /** Begins with the stop byte; see `installInterrupter`. */
  readonly stop: Uint8Array;
}

/** One video stream on its way out. Owned: dispose of it, which ends the stream. */
export class Output implements Disposable {
  readonly #libav: Libav;
  readonly #context: Pointer;
  readonly #stream: Pointer;
  readonly #encoder: Encoder;
  /** libav keeps an address in it. */
  readonly #stop: Uint8Array;

  private constructor(
    libav: Libav,
    context: Pointer,
    stream: Pointer,
    encoder: Encoder,
    stop: Uint8Array,
  ) {
    this.#libav = libav;
    this.#context = context;
    this.#stream = stream;
    this.#encoder = encoder;
    this.#stop = stop;
  }

  /**
   * Connects and writes the header.
   *
   * @throws {CallError}
   * @throws {SessionError} `PROTOCOL_BLOCKED` when FFmpeg has no such muxer.
   */
  static open(libav: Libav, encoder: Encoder, request: OutputRequest): Output {
    const { symbols, backend, memory, layout: { AVStream } } = libav;
    const cell = new PointerCell(backend);
    symbols.avformat_alloc_output_context2(
      cell.buffer,
      null,
      cString(request.muxer),
      cString(request.url),
    );
    const context = cell.value;
    if (context === null) {
      throw new SessionError("write", "PROTOCOL_BLOCKED", `no muxer "${request.muxer}"`);
    }
    try {
      installInterrupter(libav, context, request.stop);
      const stream = symbols.avformat_new_stream(context, null);
      const parameters = stream && memory.readPointer(stream, AVStream.codecpar);
      if (stream === null || parameters === null) throw new Error("Cannot allocate a stream");
      check(libav, symbols.avcodec_parameters_from_context(parameters, encoder.context), "write");
      const { num, den } = encoder.timeBase;
      memory.writeRational(stream, AVStream.time_base, num, den);
      using options = new Dictionary(libav, request.options);
      check(libav, symbols.avformat_write_header(context, options.reference), "write");
      return new Output(libav, context, stream, encoder, request.stop);
    } catch (error) {
      symbols.avformat_free_context(context);
      throw error;
    }
  }

  /**
   * Writes a packet of the encoder's, whose data the muxer takes over.
   *
   * @throws {CallError}
   */
  write(packet: Packet): void {
    const { symbols, memory, layout: { AVStream } } = this.#libav;
    const from = this.#encoder.timeBase;
    const to = memory.readRational(this.#stream, AVStream.time_base);
    symbols.av_packet_rescale_ts(
      packet.pointer,
      packRational(from.num, from.den),
      packRational(to.num, to.den),
    );
    check(
      this.#libav,
      symbols.av_interleaved_write_frame(this.#context, packet.pointer),
      "write",
    );
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.av_write_trailer(this.#context);
    this.#libav.symbols.avformat_free_context(this.#context);
    void this.#stop;
  }
}
