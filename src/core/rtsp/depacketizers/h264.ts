/**
 * H.264 in RTP: RFC 6184, packetization modes 0 and 1.
 *
 * @module
 */

import type { NalPayloads } from "./nal_depacketizer.ts";

/** Section 5.2, table 1: STAP-A and FU-A. */
export const H264_PAYLOADS: NalPayloads = {
  codec: "h264",
  firstSingle: 1,
  lastSingle: 23,
  aggregation: 24,
  fragment: 28,
  typeAt: (data, at) => data[at]! & 0x1f,
  // Its type is in the second byte, the rest in the first.
  restoreHeader: (header, data, at) => {
    header[0] = data[at]! & 0xe0 | data[at + 1]! & 0x1f;
  },
};
