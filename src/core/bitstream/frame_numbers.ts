/**
 * The numbers of H.264 pictures: `frame_num` tells that a picture is missing, which
 * libavcodec would replace without reporting it (H.264, 7.4.3), and where a recovery
 * point is reached.
 *
 * @module
 */

import { BitReader } from "./bit_reader.ts";
import { pictureHeaders } from "./nal_unit.ts";
import type { PictureNote, PictureReader } from "./picture_note.ts";

const SLICE = 1;
const IDR_SLICE = 5;
const SPS = 7;
/** Profiles whose SPS tells of chroma and scaling (7.3.2.1.1). */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  ...[100, 110, 122, 244, 44, 83, 86, 118, 128, 138],
]);
/** Start code and header. */
const BEFORE_PAYLOAD = 5;
/** What is read lies in the first bytes. */
const SLICE_BYTES = 32;
const SPS_BYTES = 96;
/** Gaps one after the other are not losses, but a camera that counts in its own way. */
const MOST_GAPS = 6;

/** Of one connection. */
export class FrameNumbers implements PictureReader {
  /** Bits of `frame_num`; 0 before it is known. */
  #bits = 0;
  #separatePlanes = false;
  #gapsAllowed = false;
  /** Of the last picture that others may refer to. */
  #last: number | undefined;
  /** The same without the wrap. */
  #count = 0;
  #gaps = 0;

  note(unit: Uint8Array): PictureNote | undefined {
    let recovery: number | undefined;
    for (const { at, type, recovery: point } of pictureHeaders("h264", unit)) {
      recovery ??= point;
      const header = unit[at + BEFORE_PAYLOAD - 1]!;
      const payload = unit.subarray(at + BEFORE_PAYLOAD);
      if (type === SPS) this.#readParameters(new BitReader(payload.subarray(0, SPS_BYTES)));
      if (type !== SLICE && type !== IDR_SLICE) continue;
      const reader = new BitReader(payload.subarray(0, SLICE_BYTES));
      return this.#readSlice(reader, type === IDR_SLICE, (header & 0x60) !== 0, recovery);
    }
    return undefined;
  }

  #readSlice(
    reader: BitReader,
    idr: boolean,
    reference: boolean,
    recovery: number | undefined,
  ): PictureNote | undefined {
    const firstMacroblock = reader.golomb();
    if (firstMacroblock !== 0) return undefined;
    if (this.#bits === 0) return { missing: false, number: undefined, recovery };
    reader.golomb(); // slice_type
    reader.golomb(); // pic_parameter_set_id
    if (this.#separatePlanes) reader.bits(2);
    const modulus = 2 ** this.#bits;
    const number = idr ? 0 : reader.bits(this.#bits);
    const last = this.#last;
    const step = idr || last === undefined ? 1 : (number - last + modulus) % modulus;
    const count = this.#count + step;
    if (reference || idr) {
      this.#last = number;
      this.#count = count;
    }
    const gap = last !== undefined && !idr && !this.#gapsAllowed && step > 1;
    return { missing: this.#isLoss(gap, idr || last === undefined), number: count, recovery };
  }

  #isLoss(gap: boolean, begins: boolean): boolean {
    if (begins || this.#gapsAllowed) return false;
    this.#gaps = gap ? this.#gaps + 1 : 0;
    if (this.#gaps >= MOST_GAPS) this.#gapsAllowed = true;
    return gap;
  }

  #readParameters(reader: BitReader): void {
    const profile = reader.bits(8);
    reader.bits(16); // constraint flags, level_idc
    reader.golomb(); // seq_parameter_set_id
    this.#separatePlanes = false;
    if (HIGH_PROFILES.has(profile)) {
      if (reader.golomb() === 3) this.#separatePlanes = reader.bits(1) === 1;
      reader.golomb(); // bit_depth_luma_minus8
      reader.golomb(); // bit_depth_chroma_minus8
      reader.bits(1); // qpprime_y_zero_transform_bypass_flag
      // Scaling matrices are long, and rare.
      if (reader.bits(1) === 1) {
        this.#bits = 0;
        return;
      }
    }
    this.#bits = reader.golomb() + 4;
    const orderType = reader.golomb();
    if (orderType === 0) reader.golomb();
    // No camera has it, and its fields are many.
    if (orderType === 1) this.#bits = 0;
    reader.golomb(); // max_num_ref_frames
    if (reader.bits(1) === 1) this.#gapsAllowed = true;
  }
}
