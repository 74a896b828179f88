/**
 * The order of HEVC pictures: tells that a picture is missing to which another one refers,
 * which libavcodec would paint grey without reporting it, and where a recovery point is
 * reached (ITU-T H.265, 8.3.1, 8.3.2).
 *
 * @module
 */

import { BitReader } from "./bit_reader.ts";
import {
  type PictureParameters,
  readPictureParameters,
  readReferenceSet,
  readSequenceParameters,
  type ReferenceSet,
  type SequenceParameters,
} from "./hevc_parameters.ts";
import { pictureHeaders, START_CODE } from "./nal_unit.ts";
import type { PictureNote, PictureReader } from "./picture_note.ts";

const RASL = [8, 9];
/** Leading pictures: the order does not go on with them. */
const LEADING_FIRST = 6;
const LEADING_LAST = 9;
const LAST_NOT_KEY = 15;
const FIRST_KEY = 16;
const LAST_KEY = 23;
const IDR = [19, 20];
const SPS = 33;
const PPS = 34;
const NAL_HEADER = 2;
/** What is read lies in the first bytes. */
const SLICE_BYTES = 64;
const PARAMETER_BYTES = 512;
/** A decoder keeps no more (A.4.2). */
const MOST_PICTURES = 16;
/** Missing pictures one after the other are not losses, but a sender that thins out a stream. */
const MOST_MISSING = 6;

interface Slice {
  readonly type: number;
  readonly temporalId: number;
  readonly order: number;
  /** Without long-term ones. Undefined where it cannot be read; empty for an IDR picture. */
  readonly references: ReferenceSet | undefined;
}

/** Of one connection. */
export class PictureOrder implements PictureReader {
  readonly #sequences = new Map<number, SequenceParameters>();
  readonly #pictures = new Map<number, PictureParameters>();
  /** Of the last picture of the lowest layer. */
  #last: number | undefined;
  /** The orders of the pictures that may still be referred to. */
  #there = new Set<number>();
  /** So many pictures may refer to others from before the stream was joined. */
  #joined = MOST_PICTURES;
  #missing = 0;

  note(unit: Uint8Array): PictureNote | undefined {
    let recovery: number | undefined;
    for (const { at, type, first, role, recovery: point } of pictureHeaders("hevc", unit)) {
      recovery ??= point;
      const header = at + START_CODE;
      const payload = unit.subarray(header + NAL_HEADER, header + NAL_HEADER + PARAMETER_BYTES);
      if (type === SPS) this.#noteSequence(payload);
      if (type === PPS) this.#notePicture(payload);
      if (role !== "slice") continue;
      if (!first) return undefined;
      const temporalId = (unit[header + 1]! & 7) - 1;
      const slice = this.#readSlice(payload.subarray(0, SLICE_BYTES), type, temporalId);
      if (!slice) return { missing: false, number: undefined, recovery };
      return { missing: this.#isMissing(slice), number: slice.order, recovery };
    }
    return undefined;
  }

  #noteSequence(payload: Uint8Array): void {
    const read = readSequenceParameters(payload);
    if (read) this.#sequences.set(read.id, read.parameters);
  }

  #notePicture(payload: Uint8Array): void {
    const { id, parameters } = readPictureParameters(payload);
    this.#pictures.set(id, parameters);
  }

  #readSlice(payload: Uint8Array, type: number, temporalId: number): Slice | undefined {
    const reader = new BitReader(payload);
    reader.bits(1); // first_slice_segment_in_pic_flag
    const key = type >= FIRST_KEY && type <= LAST_KEY;
    if (key) reader.bits(1); // no_output_of_prior_pics_flag
    const picture = this.#pictures.get(reader.golomb());
    const sequence = picture && this.#sequences.get(picture.sequence);
    if (!picture || !sequence) return undefined;
    reader.bits(picture.extraBits);
    reader.golomb(); // slice_type
    if (picture.outputFlag) reader.bits(1);
    if (sequence.separatePlanes) reader.bits(2);
    if (IDR.includes(type)) {
      const references = { deltas: [], used: [] };
      return { type, temporalId, order: 0, references };
    }
    const order = this.#orderOf(reader.bits(sequence.orderBits), sequence.orderBits, key);
    return { type, temporalId, order, references: readSliceReferences(reader, sequence) };
  }

  #orderOf(low: number, bits: number, key: boolean): number {
    const last = this.#last;
    if (last === undefined || (key && this.#joined > 0)) return low;
    const modulus = 2 ** bits;
    const lastLow = (last % modulus + modulus) % modulus;
    const base = last - lastLow;
    if (low < lastLow && lastLow - low >= modulus / 2) return base + modulus + low;
    if (low > lastLow && low - lastLow > modulus / 2) return base - modulus + low;
    return base + low;
  }

  #isMissing({ type, temporalId, order, references }: Slice): boolean {
    const key = type >= FIRST_KEY && type <= LAST_KEY;
    const leading = type >= LEADING_FIRST && type <= LEADING_LAST;
    const referenced = type > LAST_NOT_KEY || type % 2 === 1;
    if (temporalId === 0 && !leading && referenced) this.#last = order;
    const there = this.#there;
    const joined = this.#joined > 0;
    if (joined) this.#joined--;
    if (key || !references) {
      // What is not known cannot be missing.
      this.#joined = key ? 0 : MOST_PICTURES;
      this.#there = new Set([order]);
      if (key && !IDR.includes(type)) { for (const one of there) this.#there.add(one); }
      return false;
    }
    const wanted = references.deltas.map((delta) => order + delta);
    const missing = !joined && !RASL.includes(type) &&
      wanted.some((one, i) => references.used[i] && !there.has(one));
    // A picture that was lost is missed once: the decoder has made up another one.
    this.#there = new Set([...wanted, order]);
    this.#missing = missing ? this.#missing + 1 : 0;
    return missing && this.#missing < MOST_MISSING;
  }
}

function readSliceReferences(
  reader: BitReader,
  { sets }: SequenceParameters,
): ReferenceSet | undefined {
  if (reader.bits(1) === 0) return readReferenceSet(reader, sets.length, sets, true);
  const bits = Math.ceil(Math.log2(Math.max(1, sets.length)));
  return sets[reader.bits(bits)];
}
