/**
 * Options of the decoder.
 *
 * @module
 */

import { type FieldsOf, flag, number, oneOf } from "./fields.ts";

/** Which frames are not even decoded, by their names in libav. */
export type DecodeSkip = "none" | "nonref" | "nonkey";

/** What the decoder does. */
export interface DecodeOptions {
  /**
   * Number of decoder threads; 0 means one per core. On a live stream they work on the
   * slices of one frame, because threads that work on different frames delay some of
   * them; this helps if the camera codes several slices. For a file they work on
   * different frames.
   * @default 1
   */
  readonly threads?: number | undefined;
  /**
   * What is not decoded: `nonref`, frames that no other frame refers to; `nonkey`, all
   * frames except keyframes. There may be many seconds between keyframes;
   * `keyframeTimeout` must be longer.
   * @default "none"
   */
  readonly skip?: DecodeSkip | undefined;
  /**
   * Whether frames of a live stream are withheld from a loss to the next keyframe, and
   * before the first keyframe. A recovery point (SEI of H.264, D.2.8, and HEVC, D.3.8) is
   * as good as a keyframe, from the frame on that it names. If false, they are delivered
   * with `corrupt` set. If an attempt has ended because there was neither
   * (`KEYFRAME_TIMEOUT`), or with `STALLED`, those after it deliver such frames as well,
   * after a quarter of `keyframeTimeout`.
   * @default true
   */
  readonly waitForKeyframe?: boolean | undefined;
}

const SKIPS: readonly DecodeSkip[] = ["none", "nonref", "nonkey"];

export const DECODE_FIELDS = {
  threads: number(1, { min: 0, max: 64, integer: true }),
  skip: oneOf(SKIPS, "none"),
  waitForKeyframe: flag(true),
} satisfies FieldsOf<DecodeOptions>;
