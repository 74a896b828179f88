/**
 * One RTP packet (RFC 3550, section 5.1), read where it lies.
 *
 * @module
 */

const VERSION = 2;
const FIXED_HEADER = 12;

/** Filled again for each packet, so that none is allocated; valid until the next `read()`. */
export class RtpPacket {
  payloadType = 0;
  marker = false;
  /** 16 bits. */
  sequence = 0;
  /** 32 bits, in units of the payload's clock rate. */
  timestamp = 0;
  ssrc = 0;
  /** What the payload lies in: `data[begin]` to `data[end - 1]`. */
  data: Uint8Array = new Uint8Array(0);
  begin = 0;
  end = 0;
  /** Milliseconds of `now()`. */
  arrival = 0;
  /** Packets that are missing directly before this one; 1 where nobody can say how many. */
  lostBefore = 0;

  /** Reads `data[from]` to `data[to - 1]`; false where that is no RTP packet, and nothing is valid. */
  read(data: Uint8Array, from: number, to: number): boolean {
    if (to - from < FIXED_HEADER) return false;
    const first = data[from]!;
    if (first >> 6 !== VERSION) return false;
    const second = data[from + 1]!;
    let begin = from + FIXED_HEADER + 4 * (first & 0x0f);
    if (first & 0x10) {
      if (begin + 4 > to) return false;
      begin += 4 + 4 * (data[begin + 2]! << 8 | data[begin + 3]!);
    }
    let end = to;
    if (first & 0x20) {
      const padding = data[to - 1]!;
      if (padding === 0) return false;
      end -= padding;
    }
    if (begin > end) return false;
    this.payloadType = second & 0x7f;
    this.marker = (second & 0x80) !== 0;
    this.sequence = data[from + 2]! << 8 | data[from + 3]!;
    this.timestamp = uint32(data, from + 4);
    this.ssrc = uint32(data, from + 8);
    this.data = data;
    this.begin = begin;
    this.end = end;
    this.lostBefore = 0;
    return true;
  }
}

function uint32(data: Uint8Array, at: number): number {
  return (data[at]! << 24 | data[at + 1]! << 16 | data[at + 2]! << 8 | data[at + 3]!) >>> 0;
}
