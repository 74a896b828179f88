/**
 * Where a NAL unit ends, derived from the sizes of its fragments.
 *
 * @module
 */

import type { NalCodec } from "./nal_codec.ts";
import { NAL_HEADER, START_CODE } from "./nal_unit.ts";

/** By how much a whole NAL unit may be larger than the smallest full first fragment. */
const SLACK = 2;
/** No sender cuts into pieces smaller than this: networks carry 576 bytes and more. */
const SMALLEST_FRAGMENT = 256;
/** What one NAL unit proves that cannot have been cut evenly: as much as four others. */
const STRONG_EVIDENCE = 4;

/**
 * Tells the last packet of a NAL unit by its size, after what the sender did
 * before.
 *
 * A sender that may put P bytes in a payload sends a NAL unit of up to P bytes
 * whole, which comes with a start code: as a packet of at most P + 4 bytes. A
 * larger one it cuts into fragments that are full, all but the last. A fragment
 * spends 2 bytes of P on its own header (HEVC: 3), and the NAL unit's header of
 * 1 byte (2) is put back into the first: so a full first fragment is a packet
 * of P + 3 bytes, and the others have F = P - 2 (P - 3), which is 5 (6) less.
 * Some senders count the NAL unit's header as part of the first fragment, and
 * it has P + 2 (P + 1). Hence a first packet must be all of its NAL unit
 *
 * - when fragments have proved their size: if it is below that of the first.
 * - when no fragment was seen, but a whole NAL unit with M bytes, so M <= P + 4:
 *   if it is below M - 2 <= P + 2. (A first fragment of P + 1 is believed when
 *   it is seen: that is one mistake at most.)
 * - when fragments were seen that could also be of a sender that cuts into even
 *   pieces: if it is below half of the largest packet, since such a sender cuts
 *   what is larger than P, and so into pieces of more than P / 2.
 *
 * A continuation must be the last when it is below F, once F is proved. What
 * proves it are NAL units with the same sizes. Pieces of even size are not the
 * same from one NAL unit to the next; and a last fragment below half of a full
 * one cannot be of such a sender, so one of these proves as much as several.
 */
export class FragmentRule {
  /** By how much a first fragment is larger than the others. */
  readonly #extra: number;
  /** Sizes of a first and of every other full fragment; 0 when not known. */
  #first = 0;
  #full = 0;
  #largestWhole = 0;

  /** Pictures in a row that agreed, and what those with fragments have proved. */
  #pictures = 0;
  #evidence = 0;
  #pictureEvidence = 0;
  #contradicted = false;

  // The NAL unit under way: sizes of its first packet, of those in the middle and of the last.
  #start = 0;
  #middle = 0;
  #last = 0;
  #even = true;
  #spoilt = false;

  constructor(codec: NalCodec) {
    this.#extra = START_CODE + NAL_HEADER[codec];
  }

  /** The size of full fragments; 0 when none was seen. */
  get fragmentSize(): number {
    return this.#full || Math.max(0, this.#first - this.#extra);
  }

  /** Whether nothing spoke against the rule in this many pictures. */
  holds(needed: number): boolean {
    return this.#pictures >= needed;
  }

  /** A NAL unit begins, with this many bytes of it in the packet. */
  begin(size: number): void {
    this.#start = size;
    this.#middle = this.#last = 0;
    this.#even = true;
    this.#spoilt = false;
  }

  /** Whether a packet of that size can go on with it: the first fragment is always the largest. */
  mayGoOn(size: number): boolean {
    return size < this.#start;
  }

  /** It goes on. */
  next(size: number): void {
    if (this.#middle === 0) this.#middle = this.#last;
    else if (this.#middle !== this.#last) this.#even = false;
    this.#last = size;
  }

  /** Something of it was lost: its sizes prove nothing. */
  spoil(): void {
    this.#spoilt = true;
  }

  /** Whether the first packet of the NAL unit under way must be its only one. */
  isWhole(needed: number): boolean {
    if (this.#evidence >= needed) return this.#start < this.#first;
    const largest = Math.max(this.#first, this.#largestWhole);
    const bound = this.#first === 0 ? largest - SLACK : largest / 2 - SLACK;
    return this.#start < Math.max(bound, SMALLEST_FRAGMENT) && this.#start !== this.#first;
  }

  /** Whether its last packet so far must be its last. */
  isLast(needed: number): boolean {
    return this.#evidence >= needed && this.#agrees && this.#last < this.fragmentSize;
  }

  /**
   * Whether all that was seen of it are full fragments, so that its last one may be lost.
   * By chance, one in as many NAL units as a fragment has bytes ends so.
   */
  endsFull(needed: number): boolean {
    if (this.#evidence < needed || this.#spoilt || !this.#agrees) return false;
    return this.#last === 0 ? this.#start === this.#first : this.#last === this.fragmentSize;
  }

  /** The next one has begun, so all of it has been seen; false when it speaks against the rule. */
  end(): boolean {
    const spoilt = this.#spoilt || this.#start === 0;
    this.#spoilt = true;
    if (spoilt) return true;
    if (this.#last === 0) {
      this.#largestWhole = Math.max(this.#largestWhole, this.#start);
      return true;
    }
    const agrees = this.#agrees;
    if (!agrees) this.#first = this.#full = 0;
    this.#first = this.#start;
    this.#full ||= this.#middle;
    if (agrees) {
      const strong = this.#last < this.fragmentSize / 2;
      this.#pictureEvidence = Math.max(this.#pictureEvidence, strong ? STRONG_EVIDENCE : 1);
    } else this.distrust();
    return agrees;
  }

  /** A picture is over, and its NAL units have ended. */
  nextPicture(): void {
    if (!this.#contradicted) {
      this.#pictures++;
      this.#evidence += this.#pictureEvidence;
    }
    this.#pictureEvidence = 0;
    this.#contradicted = false;
  }

  /** The rule was wrong: everything has to be proved again. */
  distrust(): void {
    this.#pictures = this.#evidence = 0;
    this.#contradicted = true;
  }

  get #agrees(): boolean {
    if (!this.#even || (this.#first !== 0 && this.#start !== this.#first)) return false;
    const full = this.#full || this.#middle;
    if (this.#middle !== 0 && this.#middle !== full) return false;
    return this.#last <= (full || this.#start - START_CODE);
  }
}
