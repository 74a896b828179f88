/**
 * Frame slots shared by one writing and one reading thread, without locks.
 *
 * A slot is FREE, WRITING, READY or HELD. The writer moves FREE or READY (the
 * oldest) to WRITING and then to READY; the reader moves READY to HELD and back
 * to FREE. Every move is a compare-and-swap, so a slot has one owner at a time
 * and no frame is ever torn.
 *
 * @module
 */

import { SLOTS_OFFSET } from "./control_block.ts";

/** Bytes a slot has beyond its frame: swscale writes up to 32 past a tight row. */
export const SLOT_TAIL = 64;

const State = { free: 0, writing: 1, ready: 2, held: 3 } as const;

const FIELDS = [
  "index",
  "pts",
  "arrivalTime",
  "captureTime",
  "cameraClock",
  "keyframe",
  "corrupt",
  "sourceWidth",
  "sourceHeight",
  "readyTime",
  "clockOffset",
  "orientation",
  "sampleAspectRatio",
] as const;
/** Behind the fields: whether a reader has had the frame. */
const TAKEN = FIELDS.length;
const NUMBERS_PER_SLOT = FIELDS.length + 1;

/** What is known of a frame, beside its bytes. */
export interface SlotMeta {
  /** Counts decoded frames; also the order of the slots. */
  readonly index: number;
  /** Seconds; NaN when the stream has no time. */
  readonly pts: number;
  readonly arrivalTime: number;
  readonly captureTime: number;
  /** `captureTime` is the camera's own word. */
  readonly cameraClock: boolean;
  readonly keyframe: boolean;
  readonly corrupt: boolean;
  /** Size of the decoded picture as it was turned. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly readyTime: number;
  /** What makes epoch milliseconds of these times, as the system's clock was set then. */
  readonly clockOffset: number;
  /** How the coded picture is to be turned; see `packOrientation`. */
  readonly orientation: number;
  /** Width of a pixel of the picture by its height. */
  readonly sampleAspectRatio: number;
}

/** Bytes of shared memory for the control words and `slots` slots. */
export function sharedByteLength(slots: number): number {
  return numbersOffset(slots) + slots * (NUMBERS_PER_SLOT + 1) * 8;
}

function numbersOffset(slots: number): number {
  return SLOTS_OFFSET + Math.ceil(slots / 2) * 8;
}

/** The slots' states, numbers and addresses, over memory that both threads have. */
export class SlotTable {
  readonly #states: Int32Array<SharedArrayBuffer>;
  readonly #numbers: Float64Array<SharedArrayBuffer>;
  readonly #addresses: BigUint64Array<SharedArrayBuffer>;

  readonly length: number;

  constructor(memory: SharedArrayBuffer, length: number) {
    this.length = length;
    const numbers = numbersOffset(length);
    this.#states = new Int32Array(memory, SLOTS_OFFSET, length);
    this.#numbers = new Float64Array(memory, numbers, length * NUMBERS_PER_SLOT);
    this.#addresses = new BigUint64Array(memory, numbers + length * NUMBERS_PER_SLOT * 8, length);
  }

  /** All slots empty, with the addresses of their bytes; only while the writer waits for it. */
  reset(addresses: readonly bigint[]): void {
    for (let slot = 0; slot < this.length; slot++) {
      this.#addresses[slot] = addresses[slot]!;
      Atomics.store(this.#states, slot, State.free);
    }
  }

  address(slot: number): bigint {
    return this.#addresses[slot]!;
  }

  /** The owner of a slot: other memory for it. */
  move(slot: number, address: bigint): void {
    this.#addresses[slot] = address;
  }

  /** How many slots are FREE. */
  get free(): number {
    return this.#states.reduce((sum, _, slot) => {
      return sum + (Atomics.load(this.#states, slot) === State.free ? 1 : 0);
    }, 0);
  }

  /** Writer, when the reader is gone: the slot, for ever; false when it is HELD. */
  takeOver(slot: number): boolean {
    return this.#swap(slot, State.free, State.writing) ||
      this.#swap(slot, State.ready, State.writing);
  }

  /** Writer: a FREE slot to write in; undefined when there is none. */
  takeFree(): number | undefined {
    for (let slot = 0; slot < this.length; slot++) {
      if (this.#swap(slot, State.free, State.writing)) return slot;
    }
    return undefined;
  }

  /** Writer: the oldest frame nobody has taken yet gives way; undefined when there is none. */
  stealOldest(): number | undefined {
    for (;;) {
      const slot = this.#find((index, best) => index < best, State.ready);
      if (slot === undefined || this.#swap(slot, State.ready, State.writing)) return slot;
    }
  }

  /** Writer: the slot's bytes are complete. */
  markReady(slot: number, meta: SlotMeta): void {
    const at = slot * NUMBERS_PER_SLOT;
    FIELDS.forEach((field, i) => this.#numbers[at + i] = Number(meta[field]));
    this.#numbers[at + TAKEN] = 0;
    Atomics.store(this.#states, slot, State.ready);
  }

  /** Writer: nothing was written after all. */
  abandon(slot: number): void {
    Atomics.store(this.#states, slot, State.free);
  }

  /**
   * Reader: takes the newest READY frame with an index above `after`, unless it
   * arrived before `since`.
   */
  takeNewest(after: number, since = -Infinity): number | undefined {
    for (;;) {
      const slot = this.#find((index, best) => index > best, State.ready, after);
      if (slot !== undefined && this.#arrivalTime(slot) < since) return undefined;
      if (slot === undefined) return undefined;
      if (this.#swap(slot, State.ready, State.held)) return slot;
    }
  }

  /** Reader: takes the oldest READY frame with an index above `after`. */
  takeOldest(after: number): number | undefined {
    const older = (index: number, best: number) => index < best;
    for (;;) {
      const slot = this.#find(older, State.ready, after);
      if (slot === undefined) return undefined;
      // A slot that was passed as FREE may have become READY before the one
      // that was found: whatever is older than it is there by now.
      const index = this.#index(slot);
      if (this.#find(older, State.ready, after) !== slot) continue;
      if (!this.#swap(slot, State.ready, State.held)) continue;
      if (this.#index(slot) === index) return slot;
      // Stolen and filled again meanwhile: there are older ones.
      this.putBack(slot);
    }
  }

  /** Reader: READY frames older than `index` will not be wanted; returns how many nobody has had. */
  freeOlder(index: number): number {
    let unread = 0;
    for (let slot = 0; slot < this.length; slot++) {
      if (!this.#isReady(slot) || this.#index(slot) >= index) continue;
      // Held first: the writer may have put a newer frame in it meanwhile.
      if (!this.#swap(slot, State.ready, State.held)) continue;
      const stale = this.#index(slot) < index;
      if (stale && !this.wasTaken(slot)) unread++;
      Atomics.store(this.#states, slot, stale ? State.free : State.ready);
    }
    return unread;
  }

  /** Reader: gives a HELD slot back. */
  release(slot: number): void {
    this.#swap(slot, State.held, State.free);
  }

  /** Reader: the frame of a HELD slot is with somebody. */
  markTaken(slot: number): void {
    this.#numbers[slot * NUMBERS_PER_SLOT + TAKEN] = 1;
  }

  /** The owner of the slot: whether a reader has had its last frame. */
  wasTaken(slot: number): boolean {
    return this.#numbers[slot * NUMBERS_PER_SLOT + TAKEN] === 1;
  }

  /** Reader: a HELD frame can be taken, or stolen, again. */
  putBack(slot: number): void {
    this.#swap(slot, State.held, State.ready);
  }

  /** Reader: what is known of the READY frames with an index above `after`, in no order. */
  peek(after: number): SlotMeta[] {
    const found: SlotMeta[] = [];
    for (let slot = 0; slot < this.length; slot++) {
      // First of all: stolen after that, the slot has another index, and numbers of two
      // frames; and the writer has not made it READY yet.
      const index = this.#index(slot);
      if (!this.#isReady(slot)) continue;
      const meta = this.meta(slot);
      if (!this.#isReady(slot) || this.#index(slot) !== index) continue;
      if (index > after) found.push(meta);
    }
    return found;
  }

  /** Reader: takes the READY frame of that index, if it is still there. */
  takeExactly(index: number): number | undefined {
    for (let slot = 0; slot < this.length; slot++) {
      if (!this.#isReady(slot) || this.#index(slot) !== index) continue;
      if (!this.#swap(slot, State.ready, State.held)) continue;
      if (this.#index(slot) === index) return slot;
      this.putBack(slot);
    }
    return undefined;
  }

  /** What was published with a slot; steady while the slot is HELD. */
  meta(slot: number): SlotMeta {
    const at = slot * NUMBERS_PER_SLOT;
    return {
      index: this.#numbers[at]!,
      pts: this.#numbers[at + 1]!,
      arrivalTime: this.#numbers[at + 2]!,
      captureTime: this.#numbers[at + 3]!,
      cameraClock: this.#numbers[at + 4] !== 0,
      keyframe: this.#numbers[at + 5] !== 0,
      corrupt: this.#numbers[at + 6] !== 0,
      sourceWidth: this.#numbers[at + 7]!,
      sourceHeight: this.#numbers[at + 8]!,
      readyTime: this.#numbers[at + 9]!,
      clockOffset: this.#numbers[at + 10]!,
      orientation: this.#numbers[at + 11]!,
      sampleAspectRatio: this.#numbers[at + 12]!,
    };
  }

  #find(
    better: (index: number, best: number) => boolean,
    state: number,
    after = -Infinity,
  ): number | undefined {
    let found: number | undefined;
    for (let slot = 0; slot < this.length; slot++) {
      if (Atomics.load(this.#states, slot) !== state) continue;
      const index = this.#index(slot);
      if (index <= after) continue;
      if (found === undefined || better(index, this.#index(found))) found = slot;
    }
    return found;
  }

  #isReady(slot: number): boolean {
    return Atomics.load(this.#states, slot) === State.ready;
  }

  #index(slot: number): number {
    return this.#numbers[slot * NUMBERS_PER_SLOT]!;
  }

  #arrivalTime(slot: number): number {
    return this.#numbers[slot * NUMBERS_PER_SLOT + FIELDS.indexOf("arrivalTime")]!;
  }

  #swap(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#states, slot, from, to) === from;
  }
}
