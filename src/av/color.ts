/**
 * The colours of encoded video, and how they are declared.
 *
 * @module
 */

import { AVCOL_SPC_BT709, AVCOL_SPC_SMPTE170M } from "../../ffi/mod.ts";
import { isSubsampled, type PixelFormat } from "../core/frame/formats.ts";
import type { VideoCodec } from "../core/output/encoders.ts";

/** Pictures with more lines are HD, whose colours are those of ITU-R BT.709. */
const SD_LINES = 576;

/** AVColorSpace that RGB is made into; YUV is passed on as it came. */
export function colorSpaceFor(codec: VideoCodec, height: number): number {
  // The others have no words for it, and are taken to be BT.601 by everybody.
  const declares = codec === "h264" || codec === "hevc";
  return declares && height > SD_LINES ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

/**
 * An encoder's options that declare the colours.
 *
 * @param source layout of the frames that come; undefined where it is not known yet
 */
export function colorOptions(
  codec: VideoCodec,
  height: number,
  source: PixelFormat | undefined,
): Readonly<Record<string, string>> {
  // Nobody has said what YUV is.
  if (source && isSubsampled(source)) return {};
  const name = colorSpaceFor(codec, height) === AVCOL_SPC_BT709 ? "bt709" : "smpte170m";
  return { colorspace: name, color_primaries: name, color_trc: name, color_range: "tv" };
}
