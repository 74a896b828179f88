/**
 * Packets as the decoder takes them.
 *
 * @module
 */

import { type Libav, nativeBytes } from "../../ffi/mod.ts";
import { NOPTS, Packet } from "../av/packet.ts";
import { AccessUnits, type AccessUnitStats } from "../core/access_unit.ts";
import type { IncomingPacket } from "./recorder.ts";
import { UnitJoiner } from "./unit_joiner.ts";

/** What the decoder is given at once. */
export interface Decodable {
  /** Borrowed: valid during the call. */
  readonly packet: Packet;
  /** Has a picture or a part of one; else parameter sets and the like. */
  readonly picture: boolean;
  readonly keyframe: boolean;
  /** Something is missing, here or before. */
  readonly suspect: boolean;
}

/** Makes decodable packets of those of the demuxer. */
export interface Assembler extends Disposable {
  push(packet: Packet, take: (decodable: Decodable) => void): void;
  /** Called with every whole picture, after it was taken; set while somebody records. */
  onPicture: ((picture: IncomingPacket) => void) | undefined;
  readonly stats?: AccessUnitStats;
}

/** libav's parser has made whole access units. */
export class ParsedPackets implements Assembler {
  onPicture: Assembler["onPicture"];

  push(packet: Packet, take: (decodable: Decodable) => void): void {
    const { keyframe, corrupt } = packet;
    take({ packet, picture: true, keyframe, suspect: corrupt });
    if (!this.onPicture) return;
    const { pts, dts } = packet;
    this.onPicture({
      data: packet.copyData(),
      // AVI tells no more than the order.
      pts: pts === NOPTS ? dts : pts,
      dts: dts === NOPTS ? undefined : dts,
      keyframe: keyframe && !corrupt,
    });
  }

  [Symbol.dispose](): void {}
}

/** Completes units of RTP payloads itself, a frame earlier than libav's parser. */
export class EarlyUnits implements Assembler {
  readonly #units: AccessUnits;
  readonly #packet: Packet;
  #scratch = nativeBytes(2048);
  #onPicture: Assembler["onPicture"];
  #joiner: UnitJoiner | undefined;

  constructor(libav: Libav, codec: "h264" | "hevc") {
    this.#units = new AccessUnits(codec);
    this.#packet = new Packet(libav);
  }

  get onPicture(): Assembler["onPicture"] {
    return this.#onPicture;
  }

  set onPicture(take: Assembler["onPicture"]) {
    if (take === this.#onPicture) return;
    this.#onPicture = take;
    this.#joiner = take && new UnitJoiner(take);
  }

  get stats(): AccessUnitStats {
    return this.#units.stats;
  }

  push(packet: Packet, take: (decodable: Decodable) => void): void {
    const { size } = packet;
    if (size > this.#scratch.length) this.#scratch = nativeBytes(size * 2);
    packet.copyTo(this.#scratch);
    for (const unit of this.#units.push(this.#scratch.subarray(0, size), packet.pts)) {
      // An empty packet would tell the decoder that no more will come.
      if (unit.data.length > 0) this.#packet.wrap(unit.data, unit.pts, unit.keyframe);
      else this.#packet.clear();
      const { picture, keyframe, suspect } = unit;
      take({ packet: this.#packet, picture, keyframe, suspect });
      this.#joiner?.push(unit);
    }
  }

  [Symbol.dispose](): void {
    this.#packet[Symbol.dispose]();
  }
}
