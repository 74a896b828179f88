/**
 * What libav says of containers and codecs.
 *
 * @module
 */

import { cString, type Libav, type Pointer } from "../../ffi/mod.ts";
import type { ContainerQuery } from "../core/output/container_codecs.ts";

/** `FF_COMPLIANCE_NORMAL` (libavcodec/defs.h). */
const NORMAL = 0;

/** Asks the muxers of the libraries in use. */
export function containerQuery(libav: Libav): ContainerQuery {
  const { symbols } = libav;
  return (muxer, codec) => {
    const format = symbols.av_guess_format(cString(muxer), null, null);
    const id = codecId(libav, codec);
    // A muxer or a codec that this release does not have.
    if (format === null || id === undefined) return false;
    const answer = symbols.avformat_query_codec(format, id, NORMAL);
    return answer < 0 ? undefined : answer > 0;
  };
}

function codecId({ symbols, memory }: Libav, codec: string): number | undefined {
  const descriptor: Pointer | null = symbols.avcodec_descriptor_get_by_name(cString(codec));
  // AVCodecDescriptor begins with `enum AVCodecID id`.
  return descriptor === null ? undefined : memory.readI32(descriptor, 0);
}
