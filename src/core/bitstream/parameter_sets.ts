/**
 * The parameter sets that come with a keyframe of H.264 or HEVC, as bytes.
 *
 * @module
 */

import type { NalCodec } from "./nal_codec.ts";
import { NAL_HEADER } from "./nal_unit.ts";

/** SPS and PPS; for HEVC, VPS too. */
const TYPES: Readonly<Record<NalCodec, ReadonlySet<number>>> = {
  h264: new Set([7, 8]),
  hevc: new Set([32, 33, 34]),
};
const H264_SLICES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);
const HEVC_LAST_SLICE = 31;
/** `00 00 01`. */
const START_CODE = 3;

export function isParameterSet(codec: NalCodec, type: number): boolean {
  return TYPES[codec].has(type);
}

/**
 * The parameter sets before the first slice of an access unit (Annex B), each with its
 * start code, in their order; undefined where there are none, or where the data has
 * lengths in place of start codes.
 */
export function parameterSetsOf(
  codec: NalCodec,
  unit: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  if (!beginsWithStartCode(unit) || hasLengths(unit)) return undefined;
  const sets: number[] = [];
  for (let at = nextStartCode(unit, 0); at < unit.length;) {
    const begin = at + START_CODE;
    if (begin + NAL_HEADER[codec] > unit.length) break;
    const type = codec === "h264" ? unit[begin]! & 0x1f : (unit[begin]! >> 1) & 0x3f;
    const isSlice = codec === "h264" ? H264_SLICES.has(type) : type <= HEVC_LAST_SLICE;
    if (isSlice) break;
    at = nextStartCode(unit, begin);
    if (!isParameterSet(codec, type)) continue;
    let end = at;
    // Zeros behind a unit are not part of it (trailing_zero_8bits).
    while (end > begin && unit[end - 1] === 0) end--;
    sets.push(0, 0, 0, 1, ...unit.subarray(begin, end));
  }
  return sets.length === 0 ? undefined : Uint8Array.from(sets);
}

/** Of three bytes or four: libav's parser of HEVC leaves the first zero to the unit before. */
function beginsWithStartCode([first, second, third, fourth]: Uint8Array): boolean {
  return first === 0 && second === 0 && (third === 1 || (third === 0 && fourth === 1));
}

/** A length of 256 to 511 bytes looks like a start code of three bytes. */
function hasLengths(unit: Uint8Array): boolean {
  const view = new DataView(unit.buffer, unit.byteOffset, unit.length);
  let at = 0;
  while (at + 4 < unit.length) at += 4 + view.getUint32(at);
  return at === unit.length;
}

function nextStartCode(data: Uint8Array, from: number): number {
  let one = data.indexOf(1, from + START_CODE - 1);
  while (one !== -1) {
    if (data[one - 1] === 0 && data[one - 2] === 0) return one - START_CODE + 1;
    one = data.indexOf(1, one + 1);
  }
  return data.length;
}
