/** H.264 and HEVC byte streams (Annex B of either), taken apart. */

import { Buffer } from "node:buffer";

export type NalCodec = "h264" | "hevc";

const START_CODE = Buffer.from([0, 0, 1]);

export function splitNalUnits(stream: Uint8Array): Buffer[] {
  const data = Buffer.from(stream.buffer, stream.byteOffset, stream.length);
  const units: Buffer[] = [];
  for (let at = data.indexOf(START_CODE); at !== -1;) {
    const begin = at + START_CODE.length;
    at = data.indexOf(START_CODE, begin);
    let end = at === -1 ? data.length : at;
    // Zeros before a start code belong to it: a NAL unit never ends with one.
    while (end > begin && data[end - 1] === 0) end--;
    if (end > begin) units.push(data.subarray(begin, end));
  }
  return units;
}

export function nalType(codec: NalCodec, unit: Uint8Array): number {
  return codec === "h264" ? unit[0]! & 0x1f : unit[0]! >> 1 & 0x3f;
}

export function isSlice(codec: NalCodec, unit: Uint8Array): boolean {
  const type = nalType(codec, unit);
  return codec === "h264" ? type === 1 || type === 5 : type < 32;
}

export function isKeySlice(codec: NalCodec, unit: Uint8Array): boolean {
  const type = nalType(codec, unit);
  return codec === "h264" ? type === 5 : type >= 16 && type <= 21;
}

export function isParameterSet(codec: NalCodec, unit: Uint8Array): boolean {
  const type = nalType(codec, unit);
  return codec === "h264" ? type === 7 || type === 8 : type >= 32 && type <= 34;
}

/** Whether a unit can only stand before the slices of a picture. */
function precedesSlices(codec: NalCodec, unit: Uint8Array): boolean {
  const type = nalType(codec, unit);
  return codec === "h264" ? type >= 6 && type <= 9 : type >= 32 && type <= 35 || type === 39;
}

function isFirstSlice(codec: NalCodec, unit: Uint8Array): boolean {
  return isSlice(codec, unit) && (unit[codec === "h264" ? 1 : 2]! & 0x80) !== 0;
}

/** The NAL units of each picture. */
export function groupPictures(codec: NalCodec, units: readonly Buffer[]): Buffer[][] {
  const pictures: Buffer[][] = [];
  let picture: Buffer[] = [];
  let hasSlice = false;
  for (const unit of units) {
    if (hasSlice && (precedesSlices(codec, unit) || isFirstSlice(codec, unit))) {
      pictures.push(picture);
      [picture, hasSlice] = [[], false];
    }
    picture.push(unit);
    hasSlice ||= isSlice(codec, unit);
  }
  if (hasSlice) pictures.push(picture);
  return pictures;
}
