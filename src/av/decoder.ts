/**
 * An open video decoder.
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
import type { Size } from "../core/frame/geometry.ts";
import { check, outOfMemory, SessionError } from "./check.ts";
import { Dictionary } from "./dictionary.ts";
import type { AvFrame } from "./frame.ts";
import type { InputStream } from "./input.ts";
import { optionNames } from "./option_names.ts";
import { orValueRefused, wrongValueIn } from "./option_values.ts";
import type { Packet } from "./packet.ts";

/** Whether the installed FFmpeg has the decoder of this name. */
export function hasDecoder(libav: Libav, name: string): boolean {
  return libav.symbols.avcodec_find_decoder_by_name(cString(name)) !== null;
}

function findDecoder(libav: Libav, stream: InputStream): Pointer {
  const codec = libav.symbols.avcodec_find_decoder(stream.codecId);
  if (codec !== null) return codec;
  throw new SessionError(
    "open",
    "UNSUPPORTED_CODEC",
    stream.codec === "none"
      ? "FFmpeg does not know the codec of this stream"
      : `the installed FFmpeg has no decoder for ${stream.codec}`,
  );
}

/** Owned: dispose of it. */
export class Decoder implements Disposable {
  readonly #libav: Libav;
  readonly #cell: OwnedCell;
  readonly #context: Pointer;
  readonly #again: number;

  private constructor(libav: Libav, cell: OwnedCell, context: Pointer) {
    this.#libav = libav;
    this.#cell = cell;
    this.#context = context;
    this.#again = averror("EAGAIN", libav.backend.platform.os);
  }

  /**
   * Opens the decoder of a stream.
   *
   * @param required the user's options, each of which has to be understood
   * @throws {SessionError} `UNSUPPORTED_CODEC`, `OPTION_UNKNOWN`
   * @throws {CallError}
   */
  static open(
    libav: Libav,
    stream: InputStream,
    optional: Readonly<Record<string, string>>,
    required: Readonly<Record<string, string>>,
  ): Decoder {
    const { symbols, memory, layout: { AVCodecContext } } = libav;
    const codec = findDecoder(libav, stream);
    const cell = libav.ownedCell("avcodec_free_context", symbols.avcodec_alloc_context3(codec));
    const context = cell.value;
    if (context === null) throw outOfMemory("a decoder");
    const decoder = new Decoder(libav, cell, context);
    try {
      check(libav, symbols.avcodec_parameters_to_context(context, stream.parameters), "open");
      const { num, den } = stream.timeBase;
      memory.writeRational(context, AVCodecContext.pkt_timebase, num, den);
      using options = new Dictionary(libav, { ...optional, ...required });
      check(libav, symbols.avcodec_open2(context, codec, options.reference), "open");
      options.assertUnderstood(
        required,
        `the decoder for ${stream.codec} does not know`,
        () => optionNames(libav, context, "read"),
      );
    } catch (error) {
      const cause = orValueRefused(error, () => wrongValueIn(libav, context, required));
      decoder[Symbol.dispose]();
      throw cause;
    }
    return decoder;
  }

  /**
   * Hands a packet over (null: no more will come). On `again` the decoder is
   * full: receive, then send the same packet once more.
   */
  send(packet: Packet | null): "ok" | "again" | "invalid" {
    const code = this.#libav.symbols.avcodec_send_packet(this.#context, packet?.pointer ?? null);
    if (code >= 0 || code === AVERROR.EOF) return "ok";
    if (code === this.#again) return "again";
    // A damaged packet costs a picture, not the stream.
    if (code === AVERROR.INVALIDDATA) return "invalid";
    check(this.#libav, code, "decode");
    return "ok";
  }

  /** Takes the next picture out. */
  receive(frame: AvFrame): "frame" | "again" | "end" | "invalid" {
    const code = this.#libav.symbols.avcodec_receive_frame(this.#context, frame.pointer);
    if (code >= 0) return "frame";
    if (code === this.#again) return "again";
    if (code === AVERROR.EOF) return "end";
    if (code === AVERROR.INVALIDDATA) return "invalid";
    check(this.#libav, code, "decode");
    return "end";
  }

  /** Frames per second as the stream itself declares; NaN when it does not. */
  get frameRate(): number {
    const { memory, layout: { AVCodecContext } } = this.#libav;
    const { num, den } = memory.readRational(this.#context, AVCodecContext.framerate);
    return num / den;
  }

  /** Of the pictures, as the headers that were decoded say; 0 before the first one. */
  get size(): Size {
    const { memory, layout: { AVCodecContext } } = this.#libav;
    return {
      width: memory.readI32(this.#context, AVCodecContext.width),
      height: memory.readI32(this.#context, AVCodecContext.height),
    };
  }

  /** Forgets all pictures, after a jump in the stream. */
  flush(): void {
    this.#libav.symbols.avcodec_flush_buffers(this.#context);
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.avcodec_free_context(this.#cell.buffer);
    this.#cell.release();
  }
}
