/**
 * Whole pictures, as they come out of RTP packets.
 *
 * @module
 */

import type { RtpPacket } from "../rtp_packet.ts";

/** What belongs to one picture. */
export interface AccessUnit {
  /**
   * With start codes (Annex B) for H.264 and HEVC. Valid during the call. Empty when nothing
   * is left of what was lost: the unit is `suspect` then.
   */
  readonly data: Uint8Array<ArrayBuffer>;
  /** As in RTP: 32 bits. */
  readonly timestamp: number;
  /** Has a picture; else parameter sets and the like. */
  readonly picture: boolean;
  /** Decoding can begin here. */
  readonly keyframe: boolean;
  /** Something of it is missing; without a picture: something before it. */
  readonly suspect: boolean;
  /** When its last packet came, in milliseconds of `now()`. */
  readonly arrival: number;
}

/** How packets become access units. */
export interface DepacketizerOptions {
  /** Memory for the units, which native code is to read. */
  readonly allocate: (length: number) => Uint8Array<ArrayBuffer>;
  /** Called with each unit; borrowed during the call. */
  readonly take: (unit: AccessUnit) => void;
}

/** Of one track of one connection. */
export interface Depacketizer {
  /** The next packet; a packet without a payload tells at most what is lost. */
  push(packet: RtpPacket): void;
  /** No more will come: gives the picture under way, complete or not. */
  flush(): void;
}

/** A unit cannot be larger: level 6.2 of H.264 and HEVC ends below it. */
export const MOST_UNIT_BYTES = 32 * 1024 * 1024;
