/**
 * HEVC in RTP: RFC 7798, without decoding order numbers (`sprop-max-don-diff` 0).
 *
 * @module
 */

import type { NalPayloads } from "./nal_depacketizer.ts";

/** Section 4.4; PACI packets (section 4.4.4) are not read. */
export const HEVC_PAYLOADS: NalPayloads = {
  codec: "hevc",
  firstSingle: 0,
  lastSingle: 47,
  aggregation: 48,
  fragment: 49,
  typeAt: (data, at) => data[at]! >> 1 & 0x3f,
  // Its type is in the third byte, the rest in the first two.
  restoreHeader: (header, data, at) => {
    header[0] = data[at]! & 0x81 | (data[at + 2]! & 0x3f) << 1;
    header[1] = data[at + 1]!;
  },
};
