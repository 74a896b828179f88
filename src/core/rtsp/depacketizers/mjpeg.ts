/**
 * JPEG pictures in RTP: RFC 2435.
 *
 * @module
 */

import type { RtpPacket } from "../rtp_packet.ts";
import type { AccessUnit, Depacketizer, DepacketizerOptions } from "./access_unit.ts";
import { jpegHeader, scaledTables } from "./jpeg_header.ts";
import { UnitBytes } from "./unit_bytes.ts";

/** Section 3.1. */
const MAIN_HEADER = 8;
/** Types from here on have restart markers, and a header for them (section 3.1.7). */
const FIRST_WITH_RESTARTS = 64;
const FIRST_OTHER = 128;
/** Qualities from here on have tables of their own in the stream (section 3.1.8). */
const FIRST_WITH_TABLES = 128;
const LAST_SCALED = 99;
/** This quality's tables come with every picture. */
const CHANGING = 255;
const NOTHING = new Uint8Array(0);
const END_OF_IMAGE = Uint8Array.of(0xff, 0xd9);

export interface MjpegOptions extends DepacketizerOptions {
  /** Of the pictures, where they are larger than RTP can say: 2040 pixels (from the SDP). */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

export class MjpegDepacketizer implements Depacketizer {
  readonly #take: (unit: AccessUnit) => void;
  readonly #size: MjpegOptions["size"];
  readonly #bytes: UnitBytes;
  /** By their quality. */
  readonly #tables = new Map<number, Uint8Array>();
  #timestamp: number | undefined;
  #arrival = 0;
  /** Bytes of the coded picture so far: where the next fragment has to begin. */
  #offset = 0;
  #suspect = false;

  constructor({ allocate, take, size }: MjpegOptions) {
    this.#take = take;
    this.#size = size;
    this.#bytes = new UnitBytes(allocate);
  }

  push(packet: RtpPacket): void {
    const { timestamp, lostBefore, marker, arrival } = packet;
    // Where each fragment begins is told: what is missing between pictures harms none.
    if (timestamp !== this.#timestamp) this.#cutOff();
    this.#timestamp = timestamp;
    this.#arrival = arrival;
    if (lostBefore > 0 && this.#bytes.length > 0) this.#suspect = true;
    if (packet.end > packet.begin) this.#fragment(packet);
    if (marker) this.#end();
  }

  #fragment({ data, begin, end }: RtpPacket): void {
    if (end - begin < MAIN_HEADER) return this.#spoil();
    const offset = data[begin + 1]! << 16 | data[begin + 2]! << 8 | data[begin + 3]!;
    const [type, quality] = [data[begin + 4]!, data[begin + 5]!];
    const restarts = type >= FIRST_WITH_RESTARTS && type < FIRST_OTHER;
    if ((type & 0x3f) > 1 || type >= FIRST_OTHER) return this.#spoil();
    let at = begin + MAIN_HEADER;
    const restartInterval = restarts ? data[at]! << 8 | data[at + 1]! : 0;
    if (restarts) at += 4;
    if (offset === 0) {
      // The picture before had no marker.
      this.#cutOff();
      let tables = quality <= LAST_SCALED && quality > 0 ? scaledTables(quality) : undefined;
      if (quality >= FIRST_WITH_TABLES) {
        const length = data[at + 2]! << 8 | data[at + 3]!;
        at += 4;
        if (at + length > end) return this.#spoil();
        if (length > 0) this.#tables.set(quality, data.slice(at, at + length));
        else if (quality === CHANGING) return this.#spoil();
        tables = this.#tables.get(quality);
        at += length;
      }
      const header = tables && jpegHeader({
        width: data[begin + 6]! * 8 || this.#size?.width || 0,
        height: data[begin + 7]! * 8 || this.#size?.height || 0,
        halfLines: (type & 1) === 1,
        restartInterval,
        tables,
      });
      if (!header) return this.#spoil();
      this.#bytes.append(header, 0, header.length);
      this.#offset = 0;
    }
    if (at > end || this.#bytes.length === 0 || offset !== this.#offset) return this.#spoil();
    this.#offset += end - at;
    if (!this.#bytes.append(data, at, end)) this.#spoil();
  }

  #spoil(): void {
    this.#suspect = true;
  }

  /** Another picture begins before the end of this one was seen. */
  #cutOff(): void {
    if (this.#bytes.length === 0 && !this.#suspect) return;
    this.#suspect ||= !this.#hasEnd();
    this.#end();
  }

  #hasEnd(): boolean {
    const { view } = this.#bytes;
    return view[view.length - 2] === END_OF_IMAGE[0] && view[view.length - 1] === END_OF_IMAGE[1];
  }

  #end(): void {
    const hasBytes = this.#bytes.length > 0;
    if (!hasBytes && !this.#suspect) return;
    // Some senders leave the end out, as section 3.1 allows.
    if (hasBytes && !this.#hasEnd()) this.#bytes.append(END_OF_IMAGE, 0, END_OF_IMAGE.length);
    const data = hasBytes ? this.#bytes.view : NOTHING;
    const suspect = this.#suspect;
    this.#suspect = false;
    this.#offset = 0;
    this.#bytes.clear();
    this.#take({
      data,
      timestamp: this.#timestamp ?? 0,
      picture: hasBytes,
      keyframe: hasBytes,
      suspect,
      arrival: this.#arrival,
    });
  }

  flush(): void {
    this.#cutOff();
  }
}
