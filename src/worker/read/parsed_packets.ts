/**
 * Packets that libav's parser has completed.
 *
 * @module
 */

import { NOPTS } from "../../../ffi/mod.ts";
import type { Packet } from "../../av/packet.ts";
import { FrameNumbers } from "../../core/bitstream/frame_numbers.ts";
import type { Assembler, Decodable } from "./decodable.ts";

/** libav's parser has made whole access units. */
export class ParsedPackets implements Assembler {
  onPacket: Assembler["onPacket"];
  readonly #numbers: FrameNumbers | undefined;

  /** @param codec libav's name, where pictures may be lost on the way */
  constructor(codec?: string) {
    this.#numbers = codec === "h264" ? new FrameNumbers() : undefined;
  }

  push(packet: Packet, take: (decodable: Decodable) => void): void {
    const { keyframe, corrupt } = packet;
    const data = this.#numbers || this.onPacket ? packet.copyData() : undefined;
    const gap = data !== undefined && this.#numbers?.isGap(data) === true;
    take({ packet, picture: true, keyframe, suspect: corrupt || gap });
    if (!this.onPacket || !data) return;
    const { pts, dts } = packet;
    this.onPacket({
      data,
      // AVI tells no more than the order.
      pts: pts === NOPTS ? dts : pts,
      dts: dts === NOPTS ? undefined : dts,
      keyframe: keyframe && !corrupt,
    });
  }

  [Symbol.dispose](): void {}
}
