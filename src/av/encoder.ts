/**
 * An open video encoder.
 *
 * @module
 */

import {
  AVERROR,
  averror,
  cString,
  type Libav,
  type OwnedCell,
  type Pointer,
} from "../../ffi/mod.ts";
import { check, outOfMemory, SessionError } from "./check.ts";
import { Dictionary } from "./dictionary.ts";
import type { AvFrame } from "./frame.ts";
import { optionNames } from "./option_names.ts";
import { orValueRefused, wrongValueIn } from "./option_values.ts";
import type { Packet } from "./packet.ts";

/** `AV_CODEC_FLAG_GLOBAL_HEADER`: parameter sets go into the container's header. */
const GLOBAL_HEADER = "+global_header";

interface Rational {
  readonly num: number;
  readonly den: number;
}

export interface EncoderRequest {
  /** libav's name: `"libx264"`. */
  readonly encoder: string;
  readonly width: number;
  readonly height: number;
  /** `"yuv420p"`. */
  readonly pixelFormat: string;
  readonly frameRate: Rational;
  /** Seconds per unit of the frames' times; default: the time of one frame. */
  readonly timeBase?: Rational | undefined;
  readonly options: Readonly<Record<string, string>>;
  /** The user's options, each of which has to be understood. */
  readonly required?: Readonly<Record<string, string>> | undefined;
  readonly globalHeader?: boolean | undefined;
}

/** Owned: dispose of it. */
export class Encoder implements Disposable {
  readonly #context: Pointer;
  readonly #libav: Libav;
  readonly #cell: OwnedCell;
  readonly #again: number;

  private constructor(libav: Libav, cell: OwnedCell, context: Pointer) {
    this.#libav = libav;
    this.#cell = cell;
    this.#context = context;
    this.#again = averror("EAGAIN", libav.backend.platform.os);
  }

  /**
   * @throws {SessionError} `UNSUPPORTED_CODEC`, `OPTION_UNKNOWN`
   * @throws {CallError}
   */
  static open(libav: Libav, request: EncoderRequest): Encoder {
    const { symbols, memory, layout: { AVCodecContext } } = libav;
    const codec = symbols.avcodec_find_encoder_by_name(cString(request.encoder));
    if (codec === null) {
      throw new SessionError(
        "open",
        "UNSUPPORTED_CODEC",
        `the installed FFmpeg has no encoder ${request.encoder}`,
      );
    }
    const cell = libav.ownedCell("avcodec_free_context", symbols.avcodec_alloc_context3(codec));
    const context = cell.value;
    if (context === null) throw outOfMemory("an encoder");
    const encoder = new Encoder(libav, cell, context);
    const { frameRate, timeBase = { num: frameRate.den, den: frameRate.num } } = request;
    memory.writeI32(context, AVCodecContext.width, request.width);
    memory.writeI32(context, AVCodecContext.height, request.height);
    memory.writeI32(
      context,
      AVCodecContext.pix_fmt,
      symbols.av_get_pix_fmt(cString(request.pixelFormat)),
    );
    memory.writeRational(context, AVCodecContext.time_base, timeBase.num, timeBase.den);
    memory.writeRational(context, AVCodecContext.framerate, frameRate.num, frameRate.den);
    const { required = {} } = request;
    try {
      using options = new Dictionary(libav, { ...request.options, ...required });
      if (request.globalHeader) options.set("flags", GLOBAL_HEADER);
      check(libav, symbols.avcodec_open2(context, codec, options.reference), "open");
      options.assertUnderstood(
        required,
        `the encoder ${request.encoder} does not know`,
        () => optionNames(libav, context, "write"),
      );
    } catch (error) {
      const cause = orValueRefused(error, () => wrongValueIn(libav, context, required));
      encoder[Symbol.dispose]();
      throw cause;
    }
    return encoder;
  }

  /** Hands a picture over (null: no more will come). */
  send(frame: AvFrame | null): "ok" | "again" {
    const code = this.#libav.symbols.avcodec_send_frame(this.#context, frame?.pointer ?? null);
    if (code === this.#again) return "again";
    if (code !== AVERROR.EOF) check(this.#libav, code, "write");
    return "ok";
  }

  /** Takes the next packet out. */
  receive(packet: Packet): "packet" | "again" | "end" {
    const code = this.#libav.symbols.avcodec_receive_packet(this.#context, packet.pointer);
    if (code === this.#again) return "again";
    if (code === AVERROR.EOF) return "end";
    check(this.#libav, code, "write");
    packet.load();
    return "packet";
  }

  /** Fills the AVCodecParameters of the stream that is to carry its packets. */
  describe(parameters: Pointer): number {
    return this.#libav.symbols.avcodec_parameters_from_context(parameters, this.#context);
  }

  /** Seconds per unit of a packet's times. */
  get timeBase(): Rational {
    return this.#libav.memory.readRational(
      this.#context,
      this.#libav.layout.AVCodecContext.time_base,
    );
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.avcodec_free_context(this.#cell.buffer);
    this.#cell.release();
  }
}
