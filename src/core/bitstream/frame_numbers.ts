/**
 * Detects by `frame_num` that a picture of an H.264 stream is missing; libavcodec
 * would replace it without reporting it (H.264, 7.4.3).
 *
 * @module
 */

import { BitReader } from "./bit_reader.ts";
import { nalUnitsOf } from "./nal_unit.ts";

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
export class FrameNumbers {
  /** Bits of `frame_num`; 0 before it is known. */
  #bits = 0;
  #separatePlanes = false;
  #gapsAllowed = false;
  /** Of the last picture that others may refer to. */
  #last: number | undefined;
  #gaps = 0;

  /** Whether a picture is missing before this access unit. */
  isGap(unit: Uint8Array): boolean {
    for (const { at } of nalUnitsOf("h264", unit)) {
      const header = unit[at + BEFORE_PAYLOAD - 1]!;
      const type = header & 0x1f;
      const payload = unit.subarray(at + BEFORE_PAYLOAD);
      if (type === SPS) this.#readParameters(new BitReader(payload.subarray(0, SPS_BYTES)));
      if (type !== SLICE && type !== IDR_SLICE) continue;
      const reader = new BitReader(payload.subarray(0, SLICE_BYTES));
      return this.#readSlice(reader, type === IDR_SLICE, (header & 0x60) !== 0);
    }
    return false;
  }

  #readSlice(reader: BitReader, idr: boolean, reference: boolean): boolean {
    const firstMacroblock = reader.golomb();
    if (firstMacroblock !== 0 || this.#bits === 0) return false;
    reader.golomb(); // slice_type
    reader.golomb(); // pic_parameter_set_id
    if (this.#separatePlanes) reader.bits(2);
    const number = idr ? 0 : reader.bits(this.#bits);
    const last = this.#last;
    if (reference || idr) this.#last = number;
    if (idr || last === undefined || this.#gapsAllowed) return false;
    const gap = number !== last && number !== (last + 1) % 2 ** this.#bits;
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
