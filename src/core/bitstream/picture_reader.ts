/**
 * Reads the headers of a stream's pictures.
 *
 * @module
 */

import { FrameNumbers } from "./frame_numbers.ts";
import type { NalCodec } from "./nal_codec.ts";
import type { PictureReader } from "./picture_note.ts";
import { PictureOrder } from "./picture_order.ts";

/** For one connection. */
export function pictureReader(codec: NalCodec): PictureReader {
  return codec === "h264" ? new FrameNumbers() : new PictureOrder();
}
