/**
 * AVCodecParameters: what a container must know of a stream.
 *
 * @module
 */

import type { Libav, Pointer } from "../../ffi/mod.ts";
import type { Size } from "../core/frame/geometry.ts";
import type { OutputStream } from "./output.ts";

/**
 * Describes a stream as another one was described.
 *
 * @param size of the pictures, where the stream does not declare it or may be wrong
 */
export function copyParameters(
  { symbols, memory, layout: { AVCodecParameters } }: Libav,
  from: Pointer,
  size?: Size,
): OutputStream["describe"] {
  return (parameters) => {
    const code = symbols.avcodec_parameters_copy(parameters, from);
    if (!size) return code;
    memory.writeI32(parameters, AVCodecParameters.width, size.width);
    memory.writeI32(parameters, AVCodecParameters.height, size.height);
    return code;
  };
}

/** The size of the pictures, where the stream declares it. */
export function declaredSize(
  { memory, layout: { AVCodecParameters } }: Libav,
  parameters: Pointer,
): Size | undefined {
  const width = memory.readI32(parameters, AVCodecParameters.width);
  const height = memory.readI32(parameters, AVCodecParameters.height);
  return width > 0 && height > 0 ? { width, height } : undefined;
}
