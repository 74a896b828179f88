/**
 * The options that an open context understands.
 *
 * @module
 */

import { cString, type Libav, type Pointer } from "../../ffi/mod.ts";

/** `AV_OPT_FLAG_ENCODING_PARAM` and `AV_OPT_FLAG_DECODING_PARAM`. */
const DIRECTION = { write: 1, read: 2 } as const;

/**
 * The names that a context knows, and those of what it has opened: the demuxer
 * or muxer, the protocol, the codec.
 *
 * @param context an AVFormatContext or AVCodecContext
 */
export function optionNames(
  libav: Libav,
  context: Pointer,
  direction: keyof typeof DIRECTION,
): readonly string[] {
  const { symbols } = libav;
  const names = ownNames(libav, context, direction);
  let child = symbols.av_opt_child_next(context, null);
  while (child !== null) {
    names.push(...optionNames(libav, child, direction));
    child = symbols.av_opt_child_next(context, child);
  }
  return names;
}

function ownNames(libav: Libav, object: Pointer, direction: keyof typeof DIRECTION): string[] {
  const { symbols, memory, layout: { AVOption } } = libav;
  const names: string[] = [];
  let option = symbols.av_opt_next(object, null);
  while (option !== null) {
    const name = memory.readString(memory.readPointer(option, AVOption.name)) ?? "";
    // Without a unit it finds options only, not the constants that are their values.
    const isOption = symbols.av_opt_find(object, cString(name), null, DIRECTION[direction], 0);
    if (isOption !== null) names.push(name);
    option = symbols.av_opt_next(object, option);
  }
  return names;
}
