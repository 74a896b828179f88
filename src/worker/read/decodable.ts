/**
 * Packets as the decoder takes them.
 *
 * @module
 */

import { type Libav, nativeBytes, NOPTS } from "../../../ffi/mod.ts";
import { Packet } from "../../av/packet.ts";
import { AccessUnits, type AccessUnitStats } from "../../core/bitstream/access_units.ts";
import { FrameNumbers } from "../../core/bitstream/frame_numbers.ts";
import type { IncomingPacket } from "../../core/output/stream_packet.ts";
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
  readonly #numbers: FrameNumbers | undefined;

  /** @param codec libav's name, where pictures may be lost on the way */
  constructor(codec?: string) {
    this.#numbers = codec === "h264" ? new FrameNumbers() : undefined;
  }

  push(packet: Packet, take: (decodable: Decodable) => void): void {
    const { keyframe, corrupt } = packet;
    const data = this.#numbers || this.onPicture ? packet.copyData() : undefined;
    const gap = data !== undefined && this.#numbers?.isGap(data) === true;
    take({ packet, picture: true, keyframe, suspect: corrupt || gap });
    if (!this.onPicture || !data) return;
    const { pts, dts } = packet;
    this.onPicture({
      data,
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
  readonly #numbers: FrameNumbers | undefined;
  #scratch = nativeBytes(2048);
  #onPicture: Assembler["onPicture"];
  #joiner: UnitJoiner | undefined;

  constructor(libav: Libav, codec: "h264" | "hevc") {
    this.#units = new AccessUnits(codec);
    this.#numbers = codec === "h264" ? new FrameNumbers() : undefined;
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
      const { picture, keyframe } = unit;
      const gap = picture && this.#numbers?.isGap(unit.data) === true;
      const suspect = unit.suspect || gap;
      take({ packet: this.#packet, picture, keyframe, suspect });
      this.#joiner?.push(unit);
    }
  }

  [Symbol.dispose](): void {
    this.#packet[Symbol.dispose]();
  }
}
