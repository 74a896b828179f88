/**
 * NAL units as libavformat's RTSP demuxer gives them without its parser: what
 * they are, and which packet is the last one of theirs.
 *
 * One packet is one RTP payload. One that begins with 00 00 00 01 starts a NAL
 * unit, or several that were sent together; any other goes on with the last
 * NAL unit, which was too large for one payload. Emulation prevention makes a
 * false start code impossible.
 *
 * @module
 */

import type { NalCodec } from "./nal_codec.ts";
import { recoveryPoint } from "./sei.ts";

/** What a NAL unit means for the picture it comes with. */
export interface NalUnit {
  /** A part of the picture; what comes only before a picture's parts; or what comes anywhere. */
  readonly role: "slice" | "before" | "other";
  /** A slice that says that it is its picture's first. */
  readonly first: boolean;
  /** A slice at which decoding can begin. */
  readonly keyframe: boolean;
  /** An SEI that says that decoding can begin here: after how many pictures, see `recoveryPoint`. */
  readonly recovery: number | undefined;
  readonly type: number;
  /** Where its start code is in the packet. */
  readonly at: number;
}

/** Bytes of the start code that libavformat puts before a NAL unit. */
export const START_CODE = 4;
/** Bytes of the header of a NAL unit. */
export const NAL_HEADER = { h264: 1, hevc: 2 } as const;

/** Access unit delimiter, parameter sets, SEI and what is reserved for this place. */
const BEFORE = {
  h264: new Set([6, 7, 8, 9, 14, 15, 16, 17, 18]),
  hevc: new Set([32, 33, 34, 35, 39, 41, 42, 43, 44, 48, 49, 50, 51, 52, 53, 54, 55]),
} as const;
/** Partitions B and C of an H.264 slice (3, 4) are left out: they do not say where they belong. */
const H264_SLICES: ReadonlySet<number> = new Set([1, 2, 5]);
const H264_IDR = 5;
const H264_SEI = 6;
const HEVC_PREFIX_SEI = 39;
const HEVC_LAST_SLICE = 31;

/** Whether a packet starts a NAL unit. */
export function startsNalUnit(packet: Uint8Array): boolean {
  return isStartCode(packet, 0);
}

/** The NAL units that a packet starts; all but the last are complete in it. */
export function nalUnitsOf(codec: NalCodec, packet: Uint8Array): NalUnit[] {
  const units: NalUnit[] = [];
  for (let at = 0; at < packet.length;) {
    const end = nextStartCode(packet, at + START_CODE);
    units.push(nalUnit(codec, packet, at, end));
    at = end;
  }
  return units;
}

/** The NAL units of an access unit up to its first slice, whose bytes are not looked at. */
export function pictureHeaders(codec: NalCodec, unit: Uint8Array): NalUnit[] {
  const units: NalUnit[] = [];
  for (let at = 0; at < unit.length;) {
    const slice = nalUnit(codec, unit, at, at);
    if (slice.role === "slice") return [...units, slice];
    const end = nextStartCode(unit, at + START_CODE);
    units.push(nalUnit(codec, unit, at, end));
    at = end;
  }
  return units;
}

/** What the first bytes of a NAL unit say of it. */
export interface NalKind extends Pick<NalUnit, "role" | "first" | "keyframe" | "type"> {
  /** Supplemental enhancement information that comes before a picture. */
  readonly sei: boolean;
}

/** The kind of the NAL unit whose header begins at `at`; the byte behind it is read, too. */
export function nalKind(codec: NalCodec, data: Uint8Array, at = 0): NalKind {
  return codec === "h264" ? h264Kind(data, at) : hevcKind(data, at);
}

function nalUnit(codec: NalCodec, data: Uint8Array, at: number, end: number): NalUnit {
  const { role, first, keyframe, type, sei } = nalKind(codec, data, at + START_CODE);
  const payload = at + START_CODE + NAL_HEADER[codec];
  const recovery = sei ? recoveryPoint(codec, data, payload, end) : undefined;
  return { role, first, keyframe, recovery, type, at };
}

function isStartCode(data: Uint8Array, at: number): boolean {
  return data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 0 && data[at + 3] === 1;
}

/** Looks at every byte 1, which native code finds: about six in a packet. */
function nextStartCode(data: Uint8Array, from: number): number {
  let one = data.indexOf(1, from + START_CODE - 1);
  while (one !== -1) {
    if (isStartCode(data, one - START_CODE + 1)) return one - START_CODE + 1;
    one = data.indexOf(1, one + 1);
  }
  return data.length;
}

function h264Kind(data: Uint8Array, at: number): NalKind {
  const type = data[at]! & 0x1f;
  const slice = H264_SLICES.has(type);
  return {
    role: roleOf("h264", type, slice),
    first: slice && beginsWithOne(data, at + NAL_HEADER.h264),
    keyframe: type === H264_IDR,
    type,
    sei: type === H264_SEI,
  };
}

function hevcKind(data: Uint8Array, at: number): NalKind {
  const type = (data[at]! >> 1) & 0x3f;
  const slice = at < data.length && type <= HEVC_LAST_SLICE;
  return {
    role: roleOf("hevc", type, slice),
    first: slice && beginsWithOne(data, at + NAL_HEADER.hevc),
    keyframe: type >= 16 && type <= 23,
    type,
    sei: type === HEVC_PREFIX_SEI,
  };
}

function roleOf(codec: NalCodec, type: number, slice: boolean): NalUnit["role"] {
  if (slice) return "slice";
  return BEFORE[codec].has(type) ? "before" : "other";
}

/**
 * `first_mb_in_slice` 0, written as one bit 1, or `first_slice_segment_in_pic_flag`.
 * What is cut off there tells nothing, and is taken for a first slice.
 */
function beginsWithOne(data: Uint8Array, at: number): boolean {
  return at >= data.length || (data[at]! & 0x80) !== 0;
}
