/**
 * The self-test: values that the library wrote through its own API must be found
 * at the offsets of the layout. A distribution that patched a struct, or a
 * wrong table, is refused here instead of breaking memory later.
 *
 * A picture of 6 x 4 grey pixels goes through demuxer and decoder, from a
 * `data:` URL, so that nothing but the libraries is needed. Fields are checked
 * before the first one is written.
 *
 * @module
 */

import { PointerCell } from "../backend/memory.ts";
import type { Libav } from "../libav.ts";
import { LayoutChecker } from "./checker.ts";
import { CodecChecks } from "./codec_checks.ts";
import { FormatChecks } from "./format_checks.ts";

/**
 * Compares the layout with the live library.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED`, naming the first field that differs.
 */
export function verifyLayout(libav: Libav): void {
  const { symbols, backend } = libav;
  const checker = new LayoutChecker(libav);
  const format = new FormatChecks(libav, checker);
  const codec = new CodecChecks(libav, checker, format);
  format.dictionary();
  format.option();
  format.streams();
  format.demuxers();
  format.ioContext();
  format.codecTag();
  const context = format.formatContext();
  const input = new PointerCell(backend, context);
  const decoder = new PointerCell(backend);
  const packet = new PointerCell(backend, symbols.av_packet_alloc());
  const frame = new PointerCell(backend, symbols.av_frame_alloc());
  try {
    const stream = format.open(input);
    decoder.value = codec.decoder(stream);
    codec.packet(context, checker.object("AVPacket", packet.value));
    codec.frame(
      checker.object("AVCodecContext", decoder.value),
      checker.object("AVPacket", packet.value),
      checker.object("AVFrame", frame.value),
    );
    codec.pictures();
    format.discard();
    format.interrupt();
  } finally {
    symbols.av_frame_free(frame.buffer);
    symbols.av_packet_free(packet.buffer);
    symbols.avcodec_free_context(decoder.buffer);
    symbols.avformat_close_input(input.buffer);
  }
}
