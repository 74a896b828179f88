/**
 * What an HEVC slice header cannot be read without: parts of its parameter sets
 * (ITU-T H.265, 7.3.2.2 and 7.3.2.3).
 *
 * @module
 */

import { BitReader } from "./bit_reader.ts";

/** More than any level allows: what says more is not a parameter set. */
const MOST_SETS = 64;
const MOST_PICTURES = 16;

/** Pictures to which others may refer, by the difference of their order to the current one. */
export interface ReferenceSet {
  readonly deltas: readonly number[];
  /** Whether the current picture itself refers to it. */
  readonly used: readonly boolean[];
}

export interface SequenceParameters {
  readonly separatePlanes: boolean;
  /** Bits of `slice_pic_order_cnt_lsb`. */
  readonly orderBits: number;
  readonly sets: readonly ReferenceSet[];
}

export interface PictureParameters {
  readonly sequence: number;
  readonly outputFlag: boolean;
  readonly extraBits: number;
}

/** @returns undefined where it cannot be read */
export function readSequenceParameters(
  payload: Uint8Array,
): { readonly id: number; readonly parameters: SequenceParameters } | undefined {
  const reader = new BitReader(payload);
  reader.bits(4); // sps_video_parameter_set_id
  const subLayers = reader.bits(3);
  reader.bits(1); // sps_temporal_id_nesting_flag
  skipProfile(reader, subLayers);
  const id = reader.golomb();
  const chroma = reader.golomb();
  const separatePlanes = chroma === 3 && reader.bits(1) === 1;
  reader.golomb(); // pic_width_in_luma_samples
  reader.golomb(); // pic_height_in_luma_samples
  if (reader.bits(1) === 1) repeat(4, () => reader.golomb()); // conformance window
  reader.golomb(); // bit_depth_luma_minus8
  reader.golomb(); // bit_depth_chroma_minus8
  const orderBits = reader.golomb() + 4;
  const all = reader.bits(1) === 1;
  for (let i = all ? 0 : subLayers; i <= subLayers; i++) {
    repeat(3, () => reader.golomb());
  }
  reader.golomb(); // log2_min_luma_coding_block_size_minus3
  reader.golomb(); // log2_diff_max_min_luma_coding_block_size
  reader.golomb(); // log2_min_luma_transform_block_size_minus2
  reader.golomb(); // log2_diff_max_min_luma_transform_block_size
  reader.golomb(); // max_transform_hierarchy_depth_inter
  reader.golomb(); // max_transform_hierarchy_depth_intra
  if (reader.bits(1) === 1 && reader.bits(1) === 1) skipScalingLists(reader);
  reader.bits(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (reader.bits(1) === 1) {
    reader.bits(8); // pcm bit depths
    reader.golomb();
    reader.golomb();
    reader.bits(1); // pcm_loop_filter_disabled_flag
  }
  const count = reader.golomb();
  if (orderBits > 16 || count > MOST_SETS) return undefined;
  const sets: ReferenceSet[] = [];
  for (let index = 0; index < count; index++) {
    const set = readReferenceSet(reader, index, sets, false);
    if (!set) return undefined;
    sets.push(set);
  }
  return { id, parameters: { separatePlanes, orderBits, sets } };
}

export function readPictureParameters(
  payload: Uint8Array,
): { readonly id: number; readonly parameters: PictureParameters } {
  const reader = new BitReader(payload);
  const id = reader.golomb();
  const sequence = reader.golomb();
  reader.bits(1); // dependent_slice_segments_enabled_flag
  const outputFlag = reader.bits(1) === 1;
  const extraBits = reader.bits(3);
  return { id, parameters: { sequence, outputFlag, extraBits } };
}

/** `profile_tier_level(1, subLayers)` (7.3.3). */
function skipProfile(reader: BitReader, subLayers: number): void {
  skip(reader, 88);
  reader.bits(8); // general_level_idc
  const present: [boolean, boolean][] = [];
  for (let i = 0; i < subLayers; i++) {
    present.push([reader.bits(1) === 1, reader.bits(1) === 1]);
  }
  if (subLayers > 0) repeat(8 - subLayers, () => reader.bits(2));
  for (const [profile, level] of present) {
    if (profile) skip(reader, 88);
    if (level) reader.bits(8);
  }
}

/** `scaling_list_data()` (7.3.4). */
function skipScalingLists(reader: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (reader.bits(1) === 0) {
        reader.golomb(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (size > 1) reader.signedGolomb(); // scaling_list_dc_coef_minus8
      repeat(Math.min(64, 1 << (4 + (size << 1))), () => reader.signedGolomb());
    }
  }
}

function repeat(count: number, read: () => void): void {
  for (let i = 0; i < count; i++) read();
}

function skip(reader: BitReader, bits: number): void {
  for (let left = bits; left > 0; left -= 8) reader.bits(Math.min(8, left));
}

/**
 * `st_ref_pic_set(index)` (7.3.7, 7.4.8).
 *
 * @param inSlice it stands in a slice header, behind those of the sequence
 * @returns undefined where it cannot be one
 */
export function readReferenceSet(
  reader: BitReader,
  index: number,
  sets: readonly ReferenceSet[],
  inSlice: boolean,
): ReferenceSet | undefined {
  if (index > 0 && reader.bits(1) === 1) {
    const back = inSlice ? reader.golomb() + 1 : 1;
    const from = sets[index - back];
    if (!from) return undefined;
    const sign = reader.bits(1) === 1 ? -1 : 1;
    const shift = sign * (reader.golomb() + 1);
    const [deltas, used]: [number[], boolean[]] = [[], []];
    for (const delta of [...from.deltas, 0]) {
      const isUsed = reader.bits(1) === 1;
      if (!isUsed && reader.bits(1) === 0) continue;
      if (delta + shift === 0) continue;
      deltas.push(delta + shift);
      used.push(isUsed);
    }
    return inOrder(deltas, used);
  }
  const negative = reader.golomb();
  const positive = reader.golomb();
  if (negative > MOST_PICTURES || positive > MOST_PICTURES) return undefined;
  const [deltas, used]: [number[], boolean[]] = [[], []];
  for (const [count, sign] of [[negative, -1], [positive, 1]] as const) {
    for (let i = 0, delta = 0; i < count; i++) {
      delta += sign * (reader.golomb() + 1);
      deltas.push(delta);
      used.push(reader.bits(1) === 1);
    }
  }
  return { deltas, used };
}

/** Those before the picture first, the nearest of them first; then those behind it. */
function inOrder(deltas: readonly number[], used: readonly boolean[]): ReferenceSet {
  const places = deltas.map((_, place) => place).sort((a, b) => {
    const [x, y] = [deltas[a]!, deltas[b]!];
    return x < 0 !== y < 0 ? x - y : Math.abs(x) - Math.abs(y);
  });
  return {
    deltas: places.map((place) => deltas[place]!),
    used: places.map((place) => used[place]!),
  };
}
