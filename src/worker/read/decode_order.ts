/**
 * Decoding times for the packets of one stream.
 *
 * @module
 */

import type { IncomingPacket, StreamPacket } from "../../core/output/stream_packet.ts";
import { DecodeTimes } from "../../core/timing/decode_times.ts";
import type { Rational } from "../../core/timing/rational.ts";

/**
 * Packets at the beginning that are held back to see in which order the
 * stream's pictures are shown.
 */
const LOOK_AHEAD = 8;
/** Frames per second; a guess is enough. */
const USUAL_RATE = 30;

/** A packet that waits for its decoding time. */
type Waiting = Omit<StreamPacket, "dts"> & { dts: bigint };

/** Of one stream of one connection, whose packets come in the order of decoding. */
export class DecodeOrder {
  readonly #stream: number;
  readonly #take: (packet: StreamPacket) => void;
  readonly #times: DecodeTimes;
  #early: Waiting[] | undefined = [];

  /**
   * @param stream the number that the packets get
   * @param take called with every packet, in order
   */
  constructor(
    stream: number,
    { num, den }: Rational,
    take: (packet: StreamPacket) => void,
  ) {
    this.#stream = stream;
    this.#take = take;
    this.#times = new DecodeTimes(BigInt(Math.round(den / num / USUAL_RATE)));
  }

  /** @param time milliseconds at which the packet came */
  push({ data, pts, dts, keyframe }: IncomingPacket, time: number): void {
    const packet = { stream: this.#stream, data, pts, dts: dts ?? pts, keyframe, time };
    if (dts !== undefined) return this.#take(packet);
    this.#times.learn(pts);
    if (!this.#early) return this.#give(packet);
    this.#early.push(packet);
    if (this.#early.length >= LOOK_AHEAD) this.flush();
  }

  /** Packets are not held back any more. */
  flush(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const packet of early) this.#give(packet);
  }

  #give(packet: Waiting): void {
    packet.dts = this.#times.next(packet.pts);
    this.#take(packet);
  }
}
