/**
 * Access units of the units that a decoder takes.
 *
 * @module
 */

import type { Unit } from "../../core/bitstream/access_units.ts";
import type { IncomingPacket } from "../../core/output/stream_packet.ts";

/** Containers want a picture with all that belongs to it in one packet. */
export class UnitJoiner {
  readonly #take: (packet: IncomingPacket) => void;
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #begun = false;
  #pts: bigint | undefined;
  #keyframe = false;
  #suspect = false;

  constructor(take: (packet: IncomingPacket) => void) {
    this.#take = take;
  }

  push({ data, pts, first, picture, keyframe, suspect }: Unit): void {
    if (first) this.flush();
    this.#begun ||= first;
    if (!this.#begun) return;
    this.#suspect ||= suspect;
    if (data.length === 0) return;
    this.#parts.push(data.slice());
    if (!picture) return;
    this.#pts ??= pts;
    this.#keyframe ||= keyframe;
  }

  /** The picture under way is complete. */
  flush(): void {
    const pts = this.#pts;
    if (pts !== undefined) {
      // One that lacks something is no good start.
      this.#take({ data: join(this.#parts), pts, keyframe: this.#keyframe && !this.#suspect });
    }
    this.#parts = [];
    this.#pts = undefined;
    this.#keyframe = this.#suspect = false;
  }
}

function join(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0]!;
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
