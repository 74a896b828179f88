/**
 * What a keyframe says of its stream by itself.
 *
 * @module
 */

import { type Libav, nativeBytes } from "../../ffi/mod.ts";
import type { NalCodec } from "../core/bitstream/nal_codec.ts";
import type { Size } from "../core/frame/geometry.ts";
import { CallError, SessionError } from "./check.ts";
import { declaredSize } from "./codec_parameters.ts";
import { Input, type InputStream } from "./input.ts";

/** A stream whose parameters are those of a keyframe. Owned: dispose of it. */
export interface DescribedKeyframe extends Disposable {
  readonly parameters: InputStream["parameters"];
  readonly size: Size;
}

/**
 * Lets libav look at a keyframe (Annex B) with its parameter sets, as at the beginning of
 * a file; undefined where it makes nothing of it.
 */
export function describeKeyframe(
  libav: Libav,
  codec: NalCodec,
  keyframe: Uint8Array,
): DescribedKeyframe | undefined {
  using resources = new DisposableStack();
  try {
    const input = resources.use(Input.open(libav, {
      url: `data:application/octet-stream;base64,${base64(keyframe)}`,
      demuxer: codec,
      required: {},
      optional: {},
      stop: nativeBytes(8),
    }));
    input.findStreamInfo({});
    const stream = input.select("video");
    const size = stream && declaredSize(libav, stream.parameters);
    if (!size) return undefined;
    const owned = resources.move();
    return {
      parameters: stream.parameters,
      size,
      [Symbol.dispose]: () => owned[Symbol.dispose](),
    };
  } catch (error) {
    if (error instanceof CallError || error instanceof SessionError) return undefined;
    throw error;
  }
}

/** A call takes no more arguments than so many for sure. */
const CHUNK = 0x2000;

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}
