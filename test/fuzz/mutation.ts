/** Bytes as a bad line, a bad disk or a bad person may change them; the same seed, the same change. */

import { Buffer } from "node:buffer";
import { Seeded } from "../support/seeded.ts";

/** Values that lengths, counts and sizes have in them when somebody means harm. */
const NASTY = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

type Change = (bytes: Buffer, random: Seeded) => Buffer;

const CHANGES: readonly Change[] = [
  function flipBits(bytes, random) {
    for (let count = random.integer(1, 16); count > 0; count--) {
      bytes[placeIn(bytes, random)]! ^= 1 << random.integer(0, 7);
    }
    return bytes;
  },
  function nastyNumber(bytes, random) {
    const width = random.pick([1, 2, 4]);
    if (bytes.length < width) return bytes;
    const value = random.pick(NASTY) % 2 ** (8 * width);
    bytes.writeUIntBE(value, Math.min(placeIn(bytes, random), bytes.length - width), width);
    return bytes;
  },
  function noise(bytes, random) {
    const begin = placeIn(bytes, random);
    const end = Math.min(bytes.length, begin + random.integer(1, 64));
    for (let i = begin; i < end; i++) bytes[i] = random.integer(0, 255);
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, placeIn(bytes, random));
  },
  function leaveOut(bytes, random) {
    const begin = placeIn(bytes, random);
    const end = Math.min(bytes.length, begin + random.integer(1, 2_000));
    return Buffer.concat([bytes.subarray(0, begin), bytes.subarray(end)]);
  },
  function repeat(bytes, random) {
    const begin = placeIn(bytes, random);
    const end = Math.min(bytes.length, begin + random.integer(1, 2_000));
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(begin)]);
  },
  function move(bytes, random) {
    const begin = placeIn(bytes, random);
    const end = Math.min(bytes.length, begin + random.integer(1, 500));
    const rest = Buffer.concat([bytes.subarray(0, begin), bytes.subarray(end)]);
    const place = placeIn(rest, random);
    return Buffer.concat([
      rest.subarray(0, place),
      bytes.subarray(begin, end),
      rest.subarray(place),
    ]);
  },
];

/** Some of the changes, on a copy. */
export function mutate(bytes: Uint8Array, seed: number): Buffer {
  const random = new Seeded(seed);
  let result = Buffer.from(bytes);
  for (let count = random.integer(1, 3); count > 0; count--) {
    if (result.length > 0) result = random.pick(CHANGES)(result, random) as typeof result;
  }
  return result;
}

/** Headers are small and decide most, so that half of all places are in the first kilobyte. */
function placeIn(bytes: Buffer, random: Seeded): number {
  const end = random.number() < 0.5 ? Math.min(1_024, bytes.length) : bytes.length;
  return random.integer(0, Math.max(0, end - 1));
}
