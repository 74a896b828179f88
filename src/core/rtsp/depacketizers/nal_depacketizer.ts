/**
 * H.264 and HEVC in RTP, whose payloads are made alike.
 *
 * @module
 */

import type { NalCodec } from "../../bitstream/nal_codec.ts";
import { NAL_HEADER } from "../../bitstream/nal_unit.ts";
import type { RtpPacket } from "../rtp_packet.ts";
import type { Depacketizer, DepacketizerOptions } from "./access_unit.ts";
import { NalCollector } from "./nal_collector.ts";

/** What differs between the two. */
export interface NalPayloads {
  readonly codec: NalCodec;
  /** Types of payloads: NAL units alone are from the first to the last single one. */
  readonly firstSingle: number;
  readonly lastSingle: number;
  /** Several NAL units, each behind its length of 16 bits. */
  readonly aggregation: number;
  /** A part of a NAL unit, behind a header with its type. */
  readonly fragment: number;
  /** The type that the header has which begins at `at`. */
  typeAt(data: Uint8Array, at: number): number;
  /** Writes the header of the NAL unit of which a fragment that begins at `at` is the first. */
  restoreHeader(header: Uint8Array, data: Uint8Array, at: number): void;
}

/** Bits of the header of a fragment, in both: RFC 6184, section 5.8; RFC 7798, section 4.4.3. */
const START = 0x80;
const END = 0x40;
const LENGTH_BYTES = 2;
const NO_HEADER = new Uint8Array(0);

export class NalDepacketizer implements Depacketizer {
  readonly #payloads: NalPayloads;
  readonly #units: NalCollector;
  readonly #header: Uint8Array;

  constructor(payloads: NalPayloads, options: DepacketizerOptions) {
    this.#payloads = payloads;
    this.#units = new NalCollector(payloads.codec, options);
    this.#header = new Uint8Array(NAL_HEADER[payloads.codec]);
  }

  push(packet: RtpPacket): void {
    const { data, begin, end, marker } = packet;
    this.#units.beginPacket(packet);
    if (end > begin) this.#payload(data, begin, end);
    this.#units.endPacket(marker);
  }

  #payload(data: Uint8Array, begin: number, end: number): void {
    const { firstSingle, lastSingle, aggregation, fragment, typeAt } = this.#payloads;
    const type = typeAt(data, begin);
    if (type === fragment) this.#fragment(data, begin, end);
    else if (type === aggregation) this.#aggregate(data, begin, end);
    else if (type >= firstSingle && type <= lastSingle) {
      this.#units.begin(NO_HEADER, data, begin, end, false);
    } // What is reserved, or of another mode: its picture cannot be had.
    else this.#units.spoil();
  }

  #aggregate(data: Uint8Array, begin: number, end: number): void {
    let at = begin + this.#header.length;
    while (at + LENGTH_BYTES < end) {
      const length = data[at]! << 8 | data[at + 1]!;
      at += LENGTH_BYTES;
      if (length === 0 || at + length > end) return this.#units.spoil();
      this.#units.begin(NO_HEADER, data, at, at + length, false);
      at += length;
    }
  }

  #fragment(data: Uint8Array, begin: number, end: number): void {
    const at = begin + this.#header.length;
    const from = at + 1;
    if (from >= end) return this.#units.spoil();
    const last = (data[at]! & END) !== 0;
    if ((data[at]! & START) === 0) return this.#units.goOn(data, from, end, last);
    this.#payloads.restoreHeader(this.#header, data, begin);
    this.#units.begin(this.#header, data, from, end, !last);
  }

  flush(): void {
    this.#units.flush();
  }
}
