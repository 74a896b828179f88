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
   * Threads of the decoder, 0 for one per core. On a live stream they share the
   * slices of a frame, because threads that share frames hold some of them
   * back; it helps where the camera codes several slices. A file's frames are
   * shared.
   * @default 1
   */
  readonly threads?: number | undefined;
  /**
   * What is not decoded: `nonref`, frames that no other one refers to;
   * `nonkey`, all but keyframes, of which there may be one in many seconds, which
   * `stallTimeout` must allow.
   * @default "none"
   */
  readonly skip?: DecodeSkip | undefined;
  /**
   * Whether the frames of a live stream from a loss to the next keyframe, and
   * before the first one, are withheld. If not, they come with `corrupt` set.
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
