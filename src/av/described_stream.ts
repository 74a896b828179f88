/**
 * A stream that no demuxer has found.
 *
 * @module
 */

import { cString, type Libav, type OwnedCell, PointerCell } from "../../ffi/mod.ts";
import type { Rational } from "../core/timing/rational.ts";
import { outOfMemory, SessionError } from "./check.ts";
import type { InputStream } from "./input.ts";
import { PictureViews } from "./picture_views.ts";

export interface StreamDescription {
  /** libav's name: `"h264"`. */
  readonly codec: string;
  readonly timeBase: Rational;
  /** NaN where there is none. */
  readonly frameRate: number;
}

/** What decoders and containers need to know of a stream. Owned: dispose of it. */
export class DescribedStream implements Disposable {
  readonly stream: InputStream;
  readonly #libav: Libav;
  readonly #cell: OwnedCell;

  /** @throws {SessionError} `UNSUPPORTED_CODEC` */
  constructor(libav: Libav, { codec, timeBase, frameRate }: StreamDescription) {
    const { symbols, memory, layout: { AVStream, AVCodecParameters } } = libav;
    const decoder = symbols.avcodec_find_decoder_by_name(cString(codec));
    if (decoder === null) {
      const reason = `the installed FFmpeg has no decoder for ${codec}`;
      throw new SessionError("open", "UNSUPPORTED_CODEC", reason);
    }
    this.#libav = libav;
    const context = symbols.avformat_alloc_context();
    if (context === null) throw outOfMemory("a context");
    this.#cell = libav.ownedCell("avformat_close_input", context);
    const stream = symbols.avformat_new_stream(context, null);
    const parameters = stream && memory.readPointer(stream, AVStream.codecpar);
    if (stream === null || parameters === null) {
      this[Symbol.dispose]();
      throw outOfMemory("a stream");
    }
    // A decoder's context knows the numbers of its codec.
    const decoding = new PointerCell(libav.backend, symbols.avcodec_alloc_context3(decoder));
    if (decoding.value !== null) {
      symbols.avcodec_parameters_from_context(parameters, decoding.value);
      symbols.avcodec_free_context(decoding.buffer);
    }
    this.stream = {
      kind: "video",
      index: 0,
      parameters,
      codecId: memory.readI32(parameters, AVCodecParameters.codec_id),
      codec,
      timeBase,
      frameRate,
      views: new PictureViews(libav, context, stream),
    };
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.avformat_close_input(this.#cell.buffer);
    this.#cell.release();
  }
}
