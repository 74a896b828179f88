/**
 * Which decoded pictures lack something.
 *
 * @module
 */

import type { AvFrame } from "../../av/frame.ts";
import type { Decodable } from "./decodable.ts";

/** Their decoders paint missing references grey instead of waiting for a keyframe. */
const STARTS_AT_KEYFRAME: ReadonlySet<string> = new Set(["h264", "hevc", "mpeg4", "mpeg2video"]);

/** More than a decoder holds back; some are never given out. */
const MOST_SUSPECTS = 64;

export interface DamageOptions {
  /** Pictures before the first keyframe are decoded too, and are damaged. */
  readonly blind: boolean;
  /**
   * After a join at a recovery point, the decoder itself keeps to itself what comes before
   * it is reached (libavcodec's of H.264 does, unless it is asked for damaged pictures).
   */
  readonly decoderWaits: boolean;
  /**
   * Milliseconds for which damaged pictures are withheld. Where no keyframe came in a whole
   * connection, that is not for ever in the next: a stream may be refreshed in parts
   * without saying so.
   */
  readonly patience: number;
}

/**
 * Of one connection: follows losses until the next keyframe, or until the recovery point is
 * reached that an SEI announces (H.264 D.2.8, HEVC D.3.8).
 */
export class DamageTracker {
  readonly #decoderWaits: boolean;
  readonly #patience: number;
  #begun: boolean;
  /** A picture was damaged, and so are those that refer to it. */
  #damaged: boolean;
  /**
   * The pictures of these times lack something, although the decoder may not report it. With
   * B-frames they are noted before the keyframe is given out that stands before them.
   */
  readonly #suspectTimes = new Set<bigint>();
  /** The number of the picture from which on all are right, if nothing more is lost. */
  #target: number | undefined;
  /** The time of that picture, once it was there: it, and what is shown later, is right. */
  #recoveredTime: bigint | undefined;
  /** When the first of the damaged pictures was given out. */
  #damagedSince: number | undefined;

  /** @param codec libav's name */
  constructor(codec: string, { blind, decoderWaits, patience }: DamageOptions) {
    this.#decoderWaits = decoderWaits;
    this.#patience = patience;
    this.#begun = blind || !STARTS_AT_KEYFRAME.has(codec);
    this.#damaged = blind && STARTS_AT_KEYFRAME.has(codec);
  }

  /**
   * Notes a packet, or only a loss when there is nothing left of it; false for a picture
   * before the first keyframe or recovery point, which cannot be whole.
   */
  mayDecode({ packet, picture, keyframe, suspect, note }: Decodable): boolean {
    if (suspect || note?.missing) {
      if (this.#begun) this.#damaged = true;
      this.#target = undefined;
    }
    // A picture that refers to none is right, whatever is missing before it.
    const refersToNone = note?.recovery === undefined ? keyframe : note.recovery === 0;
    const lacks = suspect || (note?.missing && !refersToNone);
    if (lacks && picture) this.#suspect(packet.pts);
    if (picture && !this.#begun && keyframe) {
      this.#begun = true;
      if (this.#decoderWaits) this.#damaged = false;
      else if (note?.recovery !== undefined) this.#damaged = true;
    }
    if (keyframe && note?.recovery === undefined) this.#target = undefined;
    if (picture && !suspect && note) this.#followRecovery(note, packet.pts);
    if (this.#begun || !picture) return true;
    this.#damaged = true;
    return false;
  }

  #suspect(time: bigint): void {
    this.#suspectTimes.add(time);
    const [oldest] = this.#suspectTimes;
    if (this.#suspectTimes.size > MOST_SUSPECTS) this.#suspectTimes.delete(oldest!);
  }

  #followRecovery({ number, recovery }: NonNullable<Decodable["note"]>, pts: bigint): void {
    // Where pictures have no numbers, only a point that is reached at once is known.
    const now = number ?? 0;
    if (recovery !== undefined && (number !== undefined || recovery === 0)) {
      this.#target = Math.min(this.#target ?? Infinity, now + recovery);
    }
    if (this.#target === undefined || now < this.#target) return;
    this.#target = undefined;
    this.#recoveredTime = pts;
  }

  /** Whether a decoded picture lacks something; asked once for each of them, in order. */
  isDamaged(picture: Pick<AvFrame, "damaged" | "timestamp" | "keyframe">): boolean {
    const { timestamp, keyframe, damaged } = picture;
    const suspect = this.#suspectTimes.delete(timestamp) || damaged;
    const recovered = keyframe || timestamp === this.#recoveredTime;
    // What is built on it is not right either.
    if (suspect) this.#target = undefined;
    this.#damaged = suspect || (this.#damaged && !recovered);
    if (!this.#damaged) this.#damagedSince = undefined;
    return this.#damaged;
  }

  /** Whether a picture that is damaged is not to be delivered now. */
  withholds(time: number): boolean {
    this.#damagedSince ??= time;
    return time - this.#damagedSince < this.#patience;
  }
}
