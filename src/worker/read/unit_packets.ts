/**
 * Access units of a client of our own, as the decoder takes them.
 *
 * @module
 */

import { type Libav, nativeBytes } from "../../../ffi/mod.ts";
import { Packet } from "../../av/packet.ts";
import type { NalCodec } from "../../core/bitstream/nal_codec.ts";
import { parameterSetsOf } from "../../core/bitstream/parameter_sets.ts";
import type { PictureReader } from "../../core/bitstream/picture_note.ts";
import { pictureReader } from "../../core/bitstream/picture_reader.ts";
import type { AccessUnit } from "../../core/rtsp/depacketizers/access_unit.ts";
import type { Assembler, Decodable } from "./decodable.ts";

/** Of one connection, whose pictures come whole. */
export class UnitPackets implements Disposable {
  readonly #packet: Packet;
  readonly #codec: NalCodec | undefined;
  readonly #pictures: PictureReader | undefined;
  /** The newest parameter sets, with start codes. */
  #sets: Uint8Array | undefined;
  /** Keyframes without parameter sets are put behind them in here. */
  #scratch = new Uint8Array(0);
  /** As an assembler's. */
  onPacket: Assembler["onPacket"];

  /**
   * @param codec libav's name
   * @param sets parameter sets that were told beforehand, with start codes
   */
  constructor(libav: Libav, codec: string, sets: Uint8Array | undefined) {
    this.#packet = new Packet(libav);
    if (codec !== "h264" && codec !== "hevc") return;
    this.#codec = codec;
    this.#pictures = pictureReader(codec);
    this.#sets = sets;
  }

  push(unit: AccessUnit, pts: bigint, take: (decodable: Decodable) => void): void {
    const { picture, keyframe, suspect } = unit;
    const data = keyframe && this.#codec ? this.#withSets(this.#codec, unit.data) : unit.data;
    // An empty packet would tell the decoder that no more will come.
    if (data.length > 0) this.#packet.wrap(data, pts, keyframe);
    else this.#packet.clear();
    const note = picture ? this.#pictures?.note(data) : undefined;
    take({ packet: this.#packet, picture, keyframe, suspect, note });
    // One that lacks something is no good start.
    if (picture) this.onPacket?.({ data: data.slice(), pts, keyframe: keyframe && !suspect });
  }

  /** Some cameras send their parameter sets once, or beforehand only: a recording needs them. */
  #withSets(codec: NalCodec, data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const own = parameterSetsOf(codec, data);
    if (own) this.#sets = own;
    if (own || !this.#sets) return data;
    const length = this.#sets.length + data.length;
    if (length > this.#scratch.length) this.#scratch = nativeBytes(2 * length);
    this.#scratch.set(this.#sets);
    this.#scratch.set(data, this.#sets.length);
    return this.#scratch.subarray(0, length);
  }

  [Symbol.dispose](): void {
    this.#packet[Symbol.dispose]();
  }
}
