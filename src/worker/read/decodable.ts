/**
 * Packets as the decoder takes them.
 *
 * @module
 */

import type { Packet } from "../../av/packet.ts";
import type { AccessUnitStats } from "../../core/bitstream/access_units.ts";
import type { PictureNote } from "../../core/bitstream/picture_note.ts";
import type { IncomingPacket } from "../../core/output/stream_packet.ts";

/** What the decoder is given at once. */
export interface Decodable {
  /** Borrowed: valid during the call. */
  readonly packet: Packet;
  /** Has a picture or a part of one; else parameter sets and the like. */
  readonly picture: boolean;
  readonly keyframe: boolean;
  /** Something of it is missing; without a picture: something before it. */
  readonly suspect: boolean;
  /** What its headers say; undefined where they cannot be read. */
  readonly note: PictureNote | undefined;
}

/** Makes decodable packets of those of the demuxer. */
export interface Assembler extends Disposable {
  push(packet: Packet, take: (decodable: Decodable) => void): void;
  /** Called with the packet of every whole picture, after it was taken; set while somebody wants it. */
  onPacket: ((packet: IncomingPacket) => void) | undefined;
  /** No more will come: `onPacket` gets what is complete, but was not known to be. */
  flush?(): void;
  /** Something was lost that the assembler has not seen. */
  doubt?(): void;
  readonly stats?: AccessUnitStats | undefined;
}
