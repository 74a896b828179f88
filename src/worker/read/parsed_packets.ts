/**
 * Packets that libav's parser has completed.
 *
 * @module
 */

import { NOPTS } from "../../../ffi/mod.ts";
import type { Packet } from "../../av/packet.ts";
import { isKeyPicture } from "../../core/bitstream/key_pictures.ts";
import type { PictureReader } from "../../core/bitstream/picture_note.ts";
import { pictureReader } from "../../core/bitstream/picture_reader.ts";
import type { Assembler, Decodable } from "./decodable.ts";

/** libav's parser has made whole access units. */
export class ParsedPackets implements Assembler {
  onPacket: Assembler["onPacket"];
  readonly #codec: string;
  readonly #pictures: PictureReader | undefined;

  /** @param codec libav's name, of a stream that comes over RTP; pictures may be lost on the way */
  constructor(codec = "") {
    this.#codec = codec;
    if (codec === "h264" || codec === "hevc") this.#pictures = pictureReader(codec);
  }

  push(packet: Packet, take: (decodable: Decodable) => void): void {
    const { keyframe, corrupt } = packet;
    const data = this.#pictures || this.onPacket ? packet.copyData() : undefined;
    const note = data && this.#pictures?.note(data);
    take({ packet, picture: true, keyframe, suspect: corrupt, note });
    if (!this.onPacket || !data) return;
    const { pts, dts } = packet;
    this.onPacket({
      data,
      // AVI tells no more than the order.
      pts: pts === NOPTS ? dts : pts,
      dts: dts === NOPTS ? undefined : dts,
      keyframe: !corrupt && (keyframe || isKeyPicture(this.#codec, data)),
    });
  }

  [Symbol.dispose](): void {}
}
