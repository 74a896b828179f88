/**
 * The supplemental enhancement information that says where decoding can begin.
 *
 * @module
 */

import { BitReader } from "./bit_reader.ts";
import type { NalCodec } from "./nal_codec.ts";

/** `payloadType` of a recovery point in both codecs. */
const RECOVERY_POINT = 6;
/** A recovery point is shorter, with emulation prevention. */
const MOST_BYTES = 12;

/**
 * What the recovery point in an SEI says: `recovery_frame_cnt` (H.264, D.1.8) or
 * `recovery_poc_cnt` (HEVC, D.2.8); undefined when there is none.
 *
 * @param from where the messages begin, behind the header of the NAL unit
 */
export function recoveryPoint(
  codec: NalCodec,
  data: Uint8Array,
  from: number,
  end: number,
): number | undefined {
  let at = from;
  // Type and size, each as 255 + 255 + ... + last.
  const number = () => {
    let value = 0;
    while (at < end && data[at] === 255) value += data[at++]!;
    return value + (at < end ? data[at++]! : 0);
  };
  // What is left at the end is one byte of stop bit.
  while (at + 1 < end) {
    const type = number();
    let left = number();
    if (type === RECOVERY_POINT) {
      const reader = new BitReader(data.subarray(at, Math.min(end, at + MOST_BYTES)));
      return codec === "h264" ? reader.golomb() : reader.signedGolomb();
    }
    for (let zeros = 0; left > 0 && at < end; at++) {
      const escape = zeros >= 2 && data[at] === 3;
      zeros = data[at] === 0 ? zeros + 1 : 0;
      if (!escape) left--;
    }
  }
  return undefined;
}
