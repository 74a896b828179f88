/**
 * H.264 in RTP: RFC 6184, packetization modes 0 and 1.
 *
 * @module
 */

import type { RtpPacket } from "../rtp_packet.ts";
import type { Depacketizer, DepacketizerOptions } from "./access_unit.ts";
import { NalCollector } from "./nal_collector.ts";

/** Section 5.2, table 1. */
const LAST_SINGLE = 23;
const STAP_A = 24;
const FU_A = 28;
const NO_HEADER = new Uint8Array(0);

export class H264Depacketizer implements Depacketizer {
  readonly #units: NalCollector;
  readonly #header = new Uint8Array(1);

  constructor(options: DepacketizerOptions) {
    this.#units = new NalCollector("h264", options);
  }

  push(packet: RtpPacket): void {
    const { data, begin, end, marker } = packet;
    const units = this.#units;
    units.beginPacket(packet);
    if (end > begin) {
      const type = data[begin]! & 0x1f;
      if (type === FU_A) this.#fragment(data, begin, end);
      else if (type === STAP_A) this.#aggregate(data, begin + 1, end);
      else if (type > 0 && type <= LAST_SINGLE) units.begin(NO_HEADER, data, begin, end, false);
      // Those of mode 2, and what is reserved: their pictures cannot be had.
      else units.spoil();
    }
    units.endPacket(marker);
  }

  /** Section 5.7.1: NAL units, each after its length of 16 bits. */
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

  /** Section 5.8: the header of the NAL unit is in two parts, in the first two bytes. */
  #fragment(data: Uint8Array, begin: number, end: number): void {
    if (end - begin < 3) return this.#units.spoil();
    const header = data[begin + 1]!;
    const last = (header & 0x40) !== 0;
    if ((header & 0x80) === 0) return this.#units.goOn(data, begin + 2, end, last);
    this.#header[0] = data[begin]! & 0xe0 | header & 0x1f;
    this.#units.begin(this.#header, data, begin + 2, end, !last);
  }

  flush(): void {
    this.#units.flush();
  }
}
