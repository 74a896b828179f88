/**
 * Whether the marker bits of a camera say where a picture ends.
 *
 * @module
 */

import { Probation } from "../../bitstream/probation.ts";
import { SliceRule } from "../../bitstream/slice_rule.ts";

/** Pictures in a row that end without a marker before it is not waited for any more. */
const MISSING = 2;

/**
 * RFC 6184, 5.1 and RFC 7798, 4.1: the marker is set in the last packet of an access unit,
 * and yet receivers must not rely on it. Cameras set it never, or always. One that sets it
 * in the middle of a picture is not believed any more; one that does not set it is known by
 * the number of its slices, as long as that number stays the same.
 */
export class MarkerRule {
  readonly #slices = new SliceRule();
  readonly #probation = new Probation();
  #wrong = false;
  #missing = 0;

  /** Whether a picture ends with a NAL unit. */
  ends(marker: boolean, keyframe: boolean, slices: number): boolean {
    if (marker && !this.#wrong) return true;
    if (!this.#wrong && this.#missing < MISSING) return false;
    const { needed, gaveUp } = this.#probation;
    return !gaveUp && slices === this.#slices.expected(keyframe, needed);
  }

  /** A picture is over of which nothing is missing. */
  note(marker: boolean, keyframe: boolean, slices: number): void {
    this.#missing = marker ? 0 : this.#missing + 1;
    this.#slices.note(keyframe, slices);
    this.#probation.succeeded();
  }

  /** What was taken for the end of a picture was none. */
  mistake(marker: boolean): void {
    if (marker) this.#wrong = true;
    else {
      this.#probation.fallBack();
      this.#slices.distrust();
    }
  }
}
