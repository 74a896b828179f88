/**
 * Makes units for the decoder of the packets of an RTSP stream, as early as
 * possible.
 *
 * libavformat's own parser knows the end of a picture by the beginning of the
 * next, and so every picture is late by one frame. Here it is derived from the
 * sizes of the packets (see `FragmentRule`) and from the number of slices in a
 * picture (see `SliceRule`): LEARN both on the first pictures, with the parser's
 * timing; USE them as long as they hold; CHECK every unit afterwards; after a
 * mistake FALL BACK to the parser's timing and learn again, for twice as long.
 * A stream with repeated mistakes keeps the parser's timing.
 *
 * @module
 */

import { FragmentRule } from "./fragment_rule.ts";
import type { NalCodec } from "./nal_codec.ts";
import { type NalUnit, nalUnitsOf, startsNalUnit } from "./nal_unit.ts";
import { Probation } from "./probation.ts";
import { SliceRule } from "./slice_rule.ts";
import { UnitBuffer } from "./unit_buffer.ts";

/**
 * What the decoder is given at once: an access unit, or what is left of one that
 * was taken to be complete too early. (libavcodec's `flags2=chunks` would take the
 * NAL units of H.264 one by one, but calls every picture of several slices damaged.)
 */
export interface Unit {
  /**
   * With start codes; valid until the next call. Empty when there is nothing
   * left to decode of what was lost: the unit is `suspect` then.
   */
  readonly data: Uint8Array<ArrayBuffer>;
  /** The time of the picture; of the NAL unit itself where it has no slice. */
  readonly pts: bigint;
  /** The first unit of an access unit. */
  readonly first: boolean;
  /** Has slices: is a picture or a part of it, not only about pictures. */
  readonly picture: boolean;
  /** A picture, or a part of it, at which decoding can begin. */
  readonly keyframe: boolean;
  /** Something of its picture is missing: it, and those that refer to it, may be damaged. */
  readonly suspect: boolean;
}

export interface AccessUnitStats {
  /** `early`: the rules are in use; `ordinary`: given up for good. */
  readonly mode: "learning" | "early" | "ordinary";
  /** Units that were given out before their end; each may have cost a picture. */
  readonly wrongGuesses: number;
  /** How often the mode went from early to another. */
  readonly fallbacks: number;
  /** How often something was seen to be missing. */
  readonly losses: number;
  /** Bytes that were not given out because what belongs before them is missing. */
  readonly droppedBytes: number;
  /** Bytes of a full fragment as libav gives it; 0 when none was seen. */
  readonly fragmentSize: number;
}

/** A unit cannot be larger: level 6.2 of both codecs ends below it. */
const MAX_UNIT_BYTES = 16 * 1024 * 1024;
/**
 * Times that differ by less are of one picture. RTP counts video in 1/90000 s;
 * libav's times shift by some of them when a sender report corrects its clock.
 */
const SAME_TIME = 180n;

/**
 * Pictures after a loss in which another one is likely: where nothing was lost, a NAL unit
 * that ends with a full fragment has ended so by chance.
 */
const DOUBT = 1_500;

/** Collects units. All of its state is of one connection: make a new one for the next. */
export class AccessUnits {
  readonly #codec: NalCodec;
  readonly #bytes = new UnitBuffer();
  readonly #fragments: FragmentRule;
  readonly #slices = new SliceRule();
  readonly #probation = new Probation();
  #picture = newPicture();
  #unit = newUnit();
  /** Of the last packet. */
  #time: bigint | undefined;
  /** A NAL unit is under way: the next packet may go on with it. */
  #open = false;
  /** It was declared complete by the rule. */
  #guessed = false;
  /** Packets without a beginning were dropped since the last NAL unit. */
  #orphaned = false;
  #losses = 0;
  #droppedBytes = 0;
  /** For so many more pictures what looks like a loss is taken for one. */
  #doubt = 0;

  constructor(codec: NalCodec) {
    this.#codec = codec;
    this.#fragments = new FragmentRule(codec);
  }

  get stats(): AccessUnitStats {
    const { wrongGuesses, fallbacks, gaveUp } = this.#probation;
    return {
      mode: gaveUp ? "ordinary" : this.#early ? "early" : "learning",
      wrongGuesses,
      fallbacks,
      losses: this.#losses,
      droppedBytes: this.#droppedBytes,
      fragmentSize: this.#fragments.fragmentSize,
    };
  }

  /** Takes a packet, which is copied, and gives the units that are complete with it. */
  push(packet: Uint8Array, pts: bigint): readonly Unit[] {
    this.#bytes.compact();
    const units: Unit[] = [];
    if (packet.length === 0) return units;
    if (this.#open && !startsNalUnit(packet) && !this.#fragments.mayGoOn(packet.length)) {
      // It goes on with a NAL unit whose beginning was lost.
      this.#fragments.spoil();
      this.#open = false;
    }
    if (startsNalUnit(packet)) this.#begin(packet, pts, units);
    else if (this.#open) this.#continue(packet, pts, units);
    else this.#drop(packet, pts, units);
    this.#time = pts;
    return units;
  }

  /** Others have seen that something is lost on this connection. */
  doubt(): void {
    this.#doubt = DOUBT;
  }

  /** Gives what is left, complete or not. What was learnt is kept. */
  flush(): readonly Unit[] {
    const units: Unit[] = [];
    this.#fragments.spoil();
    this.#picture.countable = false;
    this.#endNalUnit(units);
    this.#emit(units);
    this.#nextPicture(units);
    return units;
  }

  #begin(packet: Uint8Array, pts: bigint, units: Unit[]): void {
    this.#endNalUnit(units);
    const nalUnits = nalUnitsOf(this.#codec, packet);
    if (this.#beginsPicture(nalUnits[0]!, pts)) this.#nextPicture(units);
    // What comes before a picture may have the time of another one.
    if (!this.#unit.picture) this.#unit.pts = pts;
    for (const nalUnit of nalUnits) this.#note(nalUnit);
    this.#guessed = this.#orphaned = false;
    if (!this.#append(packet, pts, units)) return;
    this.#open = true;
    // Of a packet with several, only the last may go on.
    this.#fragments.begin(packet.length - nalUnits[nalUnits.length - 1]!.at);
    if (this.#early && this.#fragments.isWhole(this.#probation.needed)) this.#complete(true, units);
  }

  #continue(packet: Uint8Array, pts: bigint, units: Unit[]): void {
    if (!this.#isNow(pts)) {
      // The end of this one and the beginning of another are missing.
      this.#fragments.spoil();
      this.#lose();
    }
    if (!this.#append(packet, pts, units)) return;
    this.#fragments.next(packet.length);
    if (this.#early && this.#fragments.isLast(this.#probation.needed)) this.#complete(true, units);
  }

  /** A packet that goes on with nothing: its beginning was lost, or a guess was wrong. */
  #drop(packet: Uint8Array, pts: bigint, units: Unit[]): void {
    if (!this.#isNow(pts)) {
      // The beginning of a new picture was lost; the one before is complete.
      this.#nextPicture(units);
      this.#guessed = this.#orphaned = false;
    }
    this.#droppedBytes += packet.length;
    if (this.#orphaned) return;
    this.#orphaned = true;
    if (this.#guessed && this.#fragments.mayGoOn(packet.length)) {
      this.#fragments.next(packet.length);
      this.#failGuess(this.#fragments);
    } else this.#lose();
    this.#picture.suspect = true;
    units.push(lossAt(pts, !this.#picture.begun));
    this.#picture.begun = true;
  }

  #beginsPicture({ role, first }: NalUnit, pts: bigint): boolean {
    if (this.#picture.slices === 0 && !this.#picture.suspect) return false;
    return role === "before" || first || !this.#isNow(pts);
  }

  #note({ role, first, keyframe, recovery }: NalUnit): void {
    const picture = this.#picture;
    picture.recovery ||= recovery !== undefined;
    if (role !== "slice") return;
    if (picture.slices === 0 && !first) this.#lose();
    if (picture.given) picture.suspect = true;
    if (picture.guessed) this.#failGuess(this.#slices);
    picture.guessed = false;
    picture.slices++;
    picture.keyframe = keyframe || picture.recovery;
    this.#unit.picture = true;
  }

  /** False when the unit has become too large, and is lost. */
  #append(packet: Uint8Array, pts: bigint, units: Unit[]): boolean {
    if (this.#bytes.length + packet.length <= MAX_UNIT_BYTES) {
      this.#bytes.append(packet);
      return true;
    }
    this.#droppedBytes += this.#bytes.take().length + packet.length;
    this.#unit = newUnit();
    this.#open = false;
    this.#orphaned = true;
    this.#lose();
    units.push(lossAt(pts, !this.#picture.begun));
    this.#picture.begun = true;
    return false;
  }

  /** The last NAL unit is over, as the next one begins. */
  #endNalUnit(units: Unit[]): void {
    const early = this.#early;
    const cut = this.#open && this.#doubt > 0 &&
      this.#fragments.endsFull(this.#probation.needed);
    if (cut && this.#picture.slices > 0) this.#lose();
    if (!this.#fragments.end() && early) this.#probation.fallBack();
    if (this.#open) this.#complete(false, units);
  }

  /** The NAL unit is complete; perhaps the unit is, too. */
  #complete(guessed: boolean, units: Unit[]): void {
    this.#open = false;
    this.#guessed = guessed;
    const picture = this.#picture;
    const expected = this.#slices.expected(picture.keyframe, this.#probation.needed);
    if (this.#early && this.#unit.picture && picture.slices === expected) {
      this.#emit(units);
      picture.given = picture.guessed = true;
    }
  }

  #nextPicture(units: Unit[]): void {
    const picture = this.#picture;
    const { slices, keyframe } = picture;
    const expected = this.#slices.expected(keyframe, this.#probation.needed);
    if (this.#doubt > 0) this.#doubt--;
    if (this.#doubt > 0 && slices > 0 && slices < expected && picture.countable) this.#lose();
    const { countable } = picture;
    // What came after a picture that was given out already waits for the next.
    if (this.#unit.picture) this.#emit(units);
    this.#picture = newPicture();
    if (slices === 0) return;
    if (countable) {
      if (this.#early && slices < expected) this.#probation.fallBack();
      this.#slices.note(keyframe, slices);
    }
    this.#fragments.nextPicture();
    if (this.#early) this.#probation.succeeded();
  }

  #emit(units: Unit[]): void {
    if (this.#bytes.length === 0) return;
    const { pts, picture } = this.#unit;
    const { begun, keyframe, suspect } = this.#picture;
    const data = this.#bytes.take();
    units.push({ data, pts, first: !begun, picture, keyframe: picture && keyframe, suspect });
    this.#picture.begun = true;
    this.#unit = newUnit();
  }

  /** Something is missing here. */
  #lose(): void {
    this.#losses++;
    this.#doubt = DOUBT;
    this.#picture.suspect = true;
    this.#picture.countable = false;
  }

  #failGuess(rule: FragmentRule | SliceRule): void {
    this.#probation.wrongGuesses++;
    if (this.#early) this.#probation.fallBack();
    rule.distrust();
  }

  get #early(): boolean {
    const { needed, gaveUp } = this.#probation;
    return !gaveUp && this.#fragments.holds(needed) && this.#slices.holds(needed);
  }

  #isNow(pts: bigint): boolean {
    const time = this.#time;
    if (time === undefined || pts === time) return true;
    const difference = pts - time;
    return difference < SAME_TIME && difference > -SAME_TIME;
  }
}

function newPicture() {
  return {
    slices: 0,
    keyframe: false,
    recovery: false,
    /** A unit of it was given out. */
    begun: false,
    /** It was given out, and whether by the rule. */
    given: false,
    guessed: false,
    suspect: false,
    /** Its slices can be counted: none is missing. */
    countable: true,
  };
}

function newUnit() {
  return { pts: 0n, picture: false };
}

function lossAt(pts: bigint, first: boolean): Unit {
  const data = new Uint8Array(0);
  return { data, pts, first, picture: false, keyframe: false, suspect: true };
}
