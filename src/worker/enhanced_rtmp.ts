/**
 * The video codecs of Enhanced RTMP, which a client announces when it connects.
 *
 * @module
 */

import type { Libav } from "../../ffi/mod.ts";
import { hasDecoder } from "../av/decoder.ts";

/** By libav's name of the codec; FFmpeg 6.1 and newer know these. */
const FOUR_CC: Readonly<Record<string, string>> = { hevc: "hvc1", av1: "av01", vp9: "vp09" };

/** libav's own decoder of AV1 needs hardware for it. */
const DECODERS: Readonly<Record<string, readonly string[]>> = {
  hevc: ["hevc"],
  av1: ["libdav1d", "libaom-av1", "libgav1"],
  vp9: ["vp9", "libvpx-vp9"],
};

/** What the installed FFmpeg can decode. */
export function fourCcsToRead(libav: Libav): string[] {
  return Object.entries(FOUR_CC).flatMap(([codec, code]) =>
    DECODERS[codec]?.some((name) => hasDecoder(libav, name)) ? [code] : []
  );
}

/** What a publisher of this codec announces; undefined for one that RTMP has always had. */
export function fourCcToWrite(codec: string): string | undefined {
  return Object.hasOwn(FOUR_CC, codec) ? FOUR_CC[codec] : undefined;
}
