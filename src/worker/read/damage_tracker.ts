/**
 * Which decoded pictures lack something.
 *
 * @module
 */

import type { AvFrame } from "../../av/frame.ts";

/** Their decoders paint missing references grey instead of waiting for a keyframe. */
const STARTS_AT_KEYFRAME: ReadonlySet<string> = new Set(["h264", "hevc", "mpeg4", "mpeg2video"]);

/** Of one connection: follows losses until the next keyframe. */
export class DamageTracker {
  #keyframeSeen: boolean;
  /** A picture was damaged, and so are those that refer to it. */
  #damaged = false;
  /** The picture of that time lacks something, although the decoder may not tell. */
  #suspectTime: bigint | undefined;

  /** @param codec libav's name */
  constructor(codec: string) {
    this.#keyframeSeen = !STARTS_AT_KEYFRAME.has(codec);
  }

  /**
   * Something is missing, in a packet or before it.
   *
   * @param picture the packet of that time has a picture, or a part of one
   */
  noteLoss(pts: bigint, picture: boolean): void {
    if (this.#keyframeSeen) this.#damaged = true;
    if (picture) this.#suspectTime = pts;
  }

  /** Notes a packet; false for a picture before the first keyframe, which cannot be whole. */
  mayDecode(picture: boolean, keyframe: boolean): boolean {
    this.#keyframeSeen ||= keyframe;
    if (this.#keyframeSeen || !picture) return true;
    this.#damaged = true;
    return false;
  }

  /** Whether a decoded picture lacks something; asked once for each of them, in order. */
  isDamaged(picture: Pick<AvFrame, "damaged" | "timestamp" | "keyframe">): boolean {
    const suspect = picture.damaged || picture.timestamp === this.#suspectTime;
    this.#damaged = suspect || (this.#damaged && !picture.keyframe);
    return this.#damaged;
  }
}
