/**
 * The last packets of a stream, for a recording that begins before it is asked for.
 *
 * @module
 */

import type { StreamPacket } from "./stream_packet.ts";

/** Bounded in time and in bytes; begins with a keyframe whenever it has one. */
export class PacketRing {
  readonly #maxBytes: number;
  #packets: StreamPacket[] = [];
  #bytes = 0;

  readonly duration: number;

  /** @param duration milliseconds that are kept, at least, while `maxBytes` allow it */
  constructor(duration: number, maxBytes: number) {
    this.duration = duration;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(packet: StreamPacket): void {
    // Nothing can be done with what comes before the first keyframe.
    if (this.duration === 0 || (this.#packets.length === 0 && !packet.keyframe)) return;
    this.#packets.push(packet);
    this.#bytes += packet.data.length;
    const oldest = packet.time - this.duration;
    for (let next = this.#nextKeyframe(); next > 0; next = this.#nextKeyframe()) {
      // All that is asked for is still there without the first group of pictures.
      if (this.#packets[next]!.time > oldest && this.#bytes <= this.#maxBytes) return;
      this.#drop(next);
    }
    // One group alone is too large.
    if (this.#bytes > this.#maxBytes) this.clear();
  }

  /** From the last keyframe before that time on, else from the first one. */
  since(time: number): readonly StreamPacket[] {
    const first = this.#packets.findLastIndex((packet) => packet.keyframe && packet.time <= time);
    return this.#packets.slice(Math.max(0, first));
  }

  clear(): void {
    this.#packets = [];
    this.#bytes = 0;
  }

  #nextKeyframe(): number {
    return this.#packets.findIndex(({ keyframe }, index) => index > 0 && keyframe);
  }

  #drop(count: number): void {
    for (const { data } of this.#packets.splice(0, count)) this.#bytes -= data.length;
  }
}
