/**
 * HEVC in RTP: RFC 7798, without decoding order numbers (`sprop-max-don-diff` 0).
 *
 * @module
 */

import type { RtpPacket } from "../rtp_packet.ts";
import type { Depacketizer, DepacketizerOptions } from "./access_unit.ts";
import { NalCollector } from "./nal_collector.ts";

/** Section 4.4. */
const LAST_SINGLE = 47;
const AGGREGATION = 48;
const FRAGMENT = 49;
const HEADER_BYTES = 2;
const NO_HEADER = new Uint8Array(0);

export class HevcDepacketizer implements Depacketizer {
  readonly #units: NalCollector;
  readonly #header = new Uint8Array(HEADER_BYTES);

  constructor(options: DepacketizerOptions) {
    this.#units = new NalCollector("hevc", options);
  }

  push(packet: RtpPacket): void {
    const { data, begin, end, marker } = packet;
    const units = this.#units;
    units.beginPacket(packet);
    if (end > begin) {
      const type = data[begin]! >> 1 & 0x3f;
      if (type === FRAGMENT) this.#fragment(data, begin, end);
      else if (type === AGGREGATION) this.#aggregate(data, begin + HEADER_BYTES, end);
      else if (type <= LAST_SINGLE) units.begin(NO_HEADER, data, begin, end, false);
      // PACI packets (section 4.4.4) and what is reserved.
      else units.spoil();
    }
    units.endPacket(marker);
  }

  /** Section 4.4.2: NAL units, each after its length of 16 bits. */
  #aggregate(data: Uint8Array, begin: number, end: number): void {
    let at = begin;
    while (at + 2 < end) {
      const length = data[at]! << 8 | data[at + 1]!;
      at += 2;
      if (length === 0 || at + length > end) return this.#units.spoil();
      this.#units.begin(NO_HEADER, data, at, at + length, false);
      at += length;
    }
  }

  /** Section 4.4.3: the type is in the third byte, the rest of the header in the first two. */
  #fragment(data: Uint8Array, begin: number, end: number): void {
    if (end - begin < 4) return this.#units.spoil();
    const header = data[begin + 2]!;
    const last = (header & 0x40) !== 0;
    if ((header & 0x80) === 0) return this.#units.goOn(data, begin + 3, end, last);
    this.#header[0] = data[begin]! & 0x81 | (header & 0x3f) << 1;
    this.#header[1] = data[begin + 1]!;
    this.#units.begin(this.#header, data, begin + 3, end, !last);
  }

  flush(): void {
    this.#units.flush();
  }
}
