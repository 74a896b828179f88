/**
 * Access units that are completed by this package, not by libav's parser.
 *
 * @module
 */

import { type Libav, nativeBytes } from "../../../ffi/mod.ts";
import { Packet } from "../../av/packet.ts";
import { AccessUnits, type AccessUnitStats } from "../../core/bitstream/access_units.ts";
import type { PictureReader } from "../../core/bitstream/picture_note.ts";
import { pictureReader } from "../../core/bitstream/picture_reader.ts";
import type { Assembler, Decodable } from "./decodable.ts";
import { UnitJoiner } from "./unit_joiner.ts";

/** Completes units of RTP payloads itself, a frame earlier than libav's parser. */
export class EarlyUnits implements Assembler {
  readonly #units: AccessUnits;
  readonly #packet: Packet;
  readonly #pictures: PictureReader;
  #scratch = nativeBytes(2048);
  #onPacket: Assembler["onPacket"];
  #joiner: UnitJoiner | undefined;

  constructor(libav: Libav, codec: "h264" | "hevc") {
    this.#units = new AccessUnits(codec);
    this.#pictures = pictureReader(codec);
    this.#packet = new Packet(libav);
  }

  get onPacket(): Assembler["onPacket"] {
    return this.#onPacket;
  }

  set onPacket(take: Assembler["onPacket"]) {
    if (take === this.#onPacket) return;
    this.#onPacket = take;
    this.#joiner = take && new UnitJoiner(take);
  }

  get stats(): AccessUnitStats {
    return this.#units.stats;
  }

  doubt(): void {
    this.#units.doubt();
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
      const note = picture ? this.#pictures.note(unit.data) : undefined;
      if (note?.missing) this.doubt();
      take({ packet: this.#packet, picture, keyframe, suspect, note });
      this.#joiner?.push(unit);
    }
  }

  flush(): void {
    const units = this.#units.flush();
    for (const unit of units) this.#joiner?.push(unit);
    this.#joiner?.flush();
  }

  [Symbol.dispose](): void {
    this.#packet[Symbol.dispose]();
  }
}
