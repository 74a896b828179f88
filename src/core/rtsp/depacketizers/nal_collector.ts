/**
 * Access units of NAL units, by what RTP says of them.
 *
 * @module
 */

import type { NalCodec } from "../../bitstream/nal_codec.ts";
import { NAL_HEADER, type NalKind, nalKind, START_CODE } from "../../bitstream/nal_unit.ts";
import { isParameterSet } from "../../bitstream/parameter_sets.ts";
import { recoveryPoint } from "../../bitstream/sei.ts";
import type { RtpPacket } from "../rtp_packet.ts";
import type { AccessUnit, DepacketizerOptions } from "./access_unit.ts";
import { MarkerRule } from "./marker_rule.ts";
import { UnitBytes } from "./unit_bytes.ts";

const START = Uint8Array.of(0, 0, 0, 1);
const NOTHING = new Uint8Array(0);

/**
 * Sequence numbers say what is missing, timestamps and markers where a picture ends. For each
 * packet, in this order: `beginPacket()`, for each NAL unit in it `begin()` or `goOn()`, and
 * `endPacket()`.
 */
export class NalCollector {
  readonly #codec: NalCodec;
  readonly #take: (unit: AccessUnit) => void;
  readonly #bytes: UnitBytes;
  readonly #markers = new MarkerRule();
  /** What tells the kind of a NAL unit: its header and one byte more. */
  readonly #head: Uint8Array<ArrayBuffer>;
  #timestamp: number | undefined;
  #arrival = 0;
  /** Something is missing before the picture under way, or at its beginning. */
  #gap = false;
  /** Where the NAL unit under way begins; undefined: the next packet has nothing to go on with. */
  #open: number | undefined;
  /** How the end of the picture before was known, while this one has the same time. */
  #endedBy: "marker" | "slices" | undefined;
  #picture = newPicture();
  /** How many parameter sets came with the last whole keyframe. */
  #setsWithKeyframe: number | undefined;

  constructor(codec: NalCodec, { allocate, take }: DepacketizerOptions) {
    this.#codec = codec;
    this.#take = take;
    this.#bytes = new UnitBytes(allocate);
    this.#head = new Uint8Array(NAL_HEADER[codec] + 1);
  }

  beginPacket({ timestamp, lostBefore, arrival }: RtpPacket): void {
    if (lostBefore > 0) {
      this.#open = undefined;
      if (this.#picture.slices > 0) this.#picture.suspect = true;
    }
    if (timestamp !== this.#timestamp) {
      this.#end();
      this.#endedBy = undefined;
      this.#timestamp = timestamp;
    }
    this.#gap ||= lostBefore > 0;
    this.#arrival = arrival;
  }

  /**
   * A NAL unit, or its first part.
   *
   * @param header the bytes that stand before the data
   * @param open whether more of it comes in another packet
   */
  begin(header: Uint8Array, data: Uint8Array, from: number, to: number, open: boolean): void {
    this.#endNalUnit();
    if (header.length + to - from < NAL_HEADER[this.#codec]) return this.spoil();
    const kind = nalKind(this.#codec, this.#headOf(header, data, from, to));
    const beginsPicture = kind.role === "before" || kind.first;
    if (beginsPicture && this.#picture.slices > 0) this.#end();
    this.#note(kind);
    const at = this.#bytes.length;
    const fits = this.#bytes.append(START, 0, START_CODE) &&
      this.#bytes.append(header, 0, header.length) && this.#bytes.append(data, from, to);
    if (!fits) return this.#overflow();
    this.#open = at;
    if (!open) this.#endNalUnit();
  }

  /** More of the NAL unit under way. */
  goOn(data: Uint8Array, from: number, to: number, last: boolean): void {
    if (this.#open === undefined) return this.spoil();
    if (!this.#bytes.append(data, from, to)) return this.#overflow();
    if (last) this.#endNalUnit();
  }

  /** What cannot be read, or has no beginning, is as good as lost. */
  spoil(): void {
    this.#open = undefined;
    this.#picture.suspect = true;
  }

  endPacket(marker: boolean): void {
    const { slices, keyframe, suspect } = this.#picture;
    if (slices === 0) {
      // Of a picture with nothing but orphans, the marker is the end, too.
      if (marker && suspect) this.#end();
      return;
    }
    // Markers in the middle of a NAL unit are those of a camera that sets them always.
    if (this.#open !== undefined) return;
    if (!this.#markers.ends(marker, keyframe, slices)) return;
    this.#end(marker);
    this.#endedBy = marker ? "marker" : "slices";
  }

  /** What is left has no end that anybody knows. */
  flush(): void {
    this.#picture.suspect = this.#picture.slices > 0;
    this.#end();
    if (this.#gap) this.#reportGap();
  }

  #headOf(header: Uint8Array, data: Uint8Array, from: number, to: number): Uint8Array {
    const head = this.#head;
    for (let i = 0; i < head.length; i++) {
      const at = from + i - header.length;
      head[i] = i < header.length ? header[i]! : at < to ? data[at]! : 0xff;
    }
    return head;
  }

  #note({ role, first, keyframe, type }: NalKind): void {
    const picture = this.#picture;
    if (this.#gap && picture.slices === 0) this.#reportGap();
    if (isParameterSet(this.#codec, type)) picture.sets++;
    if (role !== "slice") return;
    if (picture.slices++ === 0) this.#beginPicture(first, keyframe);
    picture.keyframe ||= keyframe;
  }

  #beginPicture(first: boolean, keyframe: boolean): void {
    const picture = this.#picture;
    // Its parameter sets may be among what is missing.
    const setsMissing = keyframe && picture.sets < (this.#setsWithKeyframe ?? Infinity);
    if (!first || (picture.afterGap && setsMissing)) picture.suspect = true;
    const guessed = !first && !picture.afterGap && this.#endedBy;
    if (guessed) this.#markers.mistake(guessed === "marker");
    this.#endedBy = undefined;
  }

  /** Pictures are missing to which the next ones may refer. */
  #reportGap(): void {
    this.#gap = false;
    this.#picture.afterGap = true;
    this.#picture.sets = 0;
    this.#give(NOTHING, false, false, true);
  }

  #overflow(): void {
    this.#bytes.clear();
    this.spoil();
  }

  #endNalUnit(): void {
    const at = this.#open;
    if (at === undefined) return;
    this.#open = undefined;
    const { view } = this.#bytes;
    const from = at + START_CODE + NAL_HEADER[this.#codec];
    const { sei } = nalKind(this.#codec, view.subarray(at + START_CODE, from + 1));
    if (!sei) return;
    this.#picture.recovery ||= recoveryPoint(this.#codec, view, from, view.length) !== undefined;
  }

  /** @param marker whether it ends so; undefined: as another one begins */
  #end(marker?: boolean): void {
    this.#endNalUnit();
    const { slices, keyframe, recovery, suspect, sets } = this.#picture;
    if (slices === 0) {
      // Parameter sets may have another time than the picture that they are for.
      this.#gap ||= suspect;
      this.#picture.suspect = false;
      return;
    }
    if (!suspect) {
      this.#markers.note(marker === true, keyframe, slices);
      if (keyframe) this.#setsWithKeyframe = sets;
    }
    const data = this.#bytes.view;
    this.#picture = newPicture();
    this.#bytes.clear();
    this.#give(data, true, keyframe || recovery, suspect);
  }

  #give(
    data: Uint8Array<ArrayBuffer>,
    picture: boolean,
    keyframe: boolean,
    suspect: boolean,
  ): void {
    const [timestamp, arrival] = [this.#timestamp ?? 0, this.#arrival];
    this.#take({ data, timestamp, picture, keyframe, suspect, arrival });
  }
}

function newPicture() {
  return {
    slices: 0,
    keyframe: false,
    recovery: false,
    suspect: false,
    /** Its parameter sets, as far as they are known to be the newest. */
    sets: 0,
    /** Something is missing before it, or was at its beginning. */
    afterGap: false,
  };
}
