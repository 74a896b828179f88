/**
 * The reader's side of the frame slots: hands frames to consumers, each with a
 * place of its own, and gives slots back when nobody holds them.
 *
 * @module
 */

import type { PixelFormat } from "../core/frame/formats.ts";
import type { Frame } from "../core/frame/frame.ts";
import type { Fit } from "../core/frame/geometry.ts";
import { SLOT_TAIL, type SlotMeta } from "../core/shared/slot_table.ts";
import { now } from "../core/timing/clock.ts";
import { SampleWindow } from "../core/timing/meters.ts";
import { type FrameMemory, type FramePool, framePool } from "../thread/frame_memory.ts";
import type { LentSlots } from "../thread/lent_slots.ts";
import type { SlotFormat } from "../thread/read_protocol.ts";
import { type Consumer, type ConsumerKind, Consumers } from "./consumers.ts";
import {
  type FrameMaking,
  frameOf,
  type Generation,
  type HeldSlot,
  memoryOf,
} from "./held_slot.ts";

/** How the frames are made. */
export interface FrameSourceOptions {
  readonly format: PixelFormat;
  readonly fit: Fit;
  readonly autorotate: boolean;
  readonly squarePixels: boolean;
  readonly buffers: number;
  readonly pool?: FramePool | undefined;
}

/** What was handed out and what was not. */
export interface HandOver {
  readonly delivered: number;
  /** Frames that a newer one had replaced before anybody took them. */
  readonly unread: number;
  /** Milliseconds from the end of the conversion until a consumer had it. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** Lives on the main thread, for the whole life of a stream. */
export class FrameSource {
  readonly #making: Omit<FrameMaking, "copies">;
  readonly #slots: number;
  readonly #pool: FramePool;
  readonly #consumers: Consumers;
  readonly #holds = new Set<HeldSlot>();
  /** What readers have of a live stream's older generations. */
  readonly #stale = new Set<HeldSlot>();
  readonly #latency = new SampleWindow();
  /** Set by the owner: a slot may have become free. */
  onFree: () => void = () => {};
  /** Set by the owner: a frame of that connection is on its way to a reader. */
  onTake: (connection: number) => void = () => {};
  /** Set by the owner: the program has transferred the buffer of a frame. */
  onTransfer: () => void = () => {};
  #current: Generation | undefined;
  #lossless = false;
  #delivered = 0;
  #unread = 0;

  constructor({ buffers, pool = framePool, ...making }: FrameSourceOptions) {
    this.#pool = pool;
    const { format, fit, autorotate, squarePixels } = making;
    this.#making = { format, fit, autorotate, squarePixels };
    this.#slots = buffers;
    this.#consumers = new Consumers(buffers);
  }

  /**
   * Begins a new generation and returns the memory of its slots. On a live
   * stream frames of the older one are dropped, on a file they are kept.
   *
   * @throws {RangeError} There is not so much memory.
   */
  configure(
    lent: LentSlots,
    format: SlotFormat,
    connection: number,
    live: boolean,
  ): readonly FrameMemory[] {
    const before = this.#current?.memory ?? [];
    this.#lossless = !live;
    if (live) this.#makeStale();
    else this.#keepUnread();
    const held = new Set([...this.#holds, ...this.#stale].map(memoryOf));
    const byteLength = format.byteLength + SLOT_TAIL;
    const free = before.filter((one) => !held.has(one) && !this.#isTransferred(one));
    // A thread that was left behind may still write to what it has.
    const same = this.#current?.lent === lent;
    const reusable = same ? free.filter((one) => one.byteLength === byteLength) : [];
    const fresh = this.#pool.allocateAll(this.#slots - reusable.length, byteLength);
    const memory = [...reusable, ...fresh].slice(0, this.#slots);
    for (const one of free) if (!memory.includes(one)) one.end();
    this.#current = { ...format, lent, table: lent.table, connection, memory };
    return memory;
  }

  /** Frames of a live stream that somebody has are valid until that one takes another. */
  #makeStale(): void {
    for (const hold of this.#holds) if (hold.holders > 0) this.#stale.add(hold);
    this.#holds.clear();
  }

  /**
   * A new place to read from. A file waits for the slowest of them, but not for
   * a yielding one while there are others, and never for a choosing one.
   *
   * @throws {RangeError} Every consumer holds a frame, and one slot must be left to write in.
   */
  addConsumer(kind: ConsumerKind = {}): Consumer {
    return this.#consumers.add(kind);
  }

  removeConsumer(consumer: Consumer): void {
    this.#consumers.remove(consumer);
    this.#freeSeen();
    // Those who only choose look when there is news, and may be all who are left.
    if (this.#lossless && this.#consumers.size > 0) this.#makeRoom();
  }

  /**
   * The frame that is next for a consumer: the newest it has not seen, on a file
   * the oldest. Undefined when there is none; the consumer then keeps the one
   * it has.
   *
   * @param since a live stream's frame that arrived before it is left to others
   */
  take(consumer: Consumer, since = -Infinity): Frame | undefined {
    for (;;) {
      const hold = this.#lossless
        ? this.#oldest(consumer.seen)
        : this.#newest(consumer.seen, since);
      const frame = hold && this.give(consumer, hold);
      // One that somebody else has transferred is passed over.
      if (frame || !hold) return frame;
    }
  }

  /** What is known of the frames that a choosing consumer has not seen, oldest first. */
  candidates(consumer: Consumer): readonly SlotMeta[] {
    if (this.#lossless) this.#makeRoom();
    const held = [...this.#holds].map(({ meta }) => meta)
      .filter(({ index }) => index > consumer.seen);
    const unheld = this.#current?.table.peek(consumer.seen) ?? [];
    return [...held, ...unheld].sort((a, b) => a.index - b.index);
  }

  /** A frame by its index, kept for `give` or `cancel`; undefined when it is gone. */
  reserve(index: number): HeldSlot | undefined {
    for (const hold of this.#holds) if (hold.meta.index === index) return hold;
    const slot = this.#current?.table.takeExactly(index);
    return slot === undefined ? undefined : this.#hold(slot);
  }

  /** A reserved frame is not wanted after all. */
  cancel(): void {
    this.#freeSeen();
  }

  /** A frame for a consumer, in place of the one that it has; undefined when it was transferred. */
  give(consumer: Consumer, hold: HeldSlot): Frame | undefined {
    hold.holders++;
    hold.taken = true;
    hold.generation.table.markTaken(hold.slot);
    this.#consumers.giveBack(consumer);
    consumer.hold = hold;
    consumer.seen = hold.meta.index;
    if (consumer.choosing) this.#freeUnchosen();
    this.#freeSeen();
    this.#delivered++;
    this.onTake(hold.generation.connection);
    this.#latency.add(now() - hold.meta.readyTime);
    return this.current(consumer);
  }

  /** A consumer's frame becomes invalid before it takes another one. */
  takeBack(consumer: Consumer): void {
    this.#consumers.giveBack(consumer);
    this.#freeSeen();
  }

  /** The frame that a consumer has; a new object if the program has disposed of the old one. */
  current(consumer: Consumer): Frame | undefined {
    if (consumer.hold === undefined) return undefined;
    if (this.#isTransferred(memoryOf(consumer.hold))) {
      this.takeBack(consumer);
      return undefined;
    }
    if (consumer.frame === undefined || consumer.frame.released) {
      const copies = this.#pool.transfers;
      consumer.frame = frameOf(consumer.hold, { ...this.#making, copies });
    }
    return consumer.frame;
  }

  /** All frames become invalid; the stream is over. */
  releaseAll(): void {
    const held = new Set(this.#consumers.holds.map(memoryOf));
    const all = [...this.#holds, ...this.#stale].map(memoryOf);
    this.#consumers.giveAllBack();
    this.#holds.clear();
    this.#stale.clear();
    for (const memory of new Set([...all, ...this.#current?.memory ?? []])) {
      // The program may still look at what it has.
      if (!this.#isTransferred(memory) && !held.has(memory)) memory.end();
    }
    this.#current = undefined;
  }

  get handOver(): HandOver {
    const [p50, p95, p99] = this.#latency.percentiles([0.5, 0.95, 0.99]);
    return { delivered: this.#delivered, unread: this.#unread, latency: { p50, p95, p99 } };
  }

  #newest(after: number, since: number): HeldSlot | undefined {
    // One that somebody has chosen may be newer than those that wait for others to choose.
    const held = this.#best(after, (index, best) => index > best);
    const table = this.#current?.table;
    const slot = table?.takeNewest(held?.meta.index ?? after, since);
    if (table && slot !== undefined) {
      const hold = this.#hold(slot);
      this.#unread += table.freeOlder(Math.min(hold.meta.index, this.#consumers.firstUnchosen));
      return hold;
    }
    return held && held.meta.arrivalTime >= since ? held : undefined;
  }

  #oldest(after: number): HeldSlot | undefined {
    const held = this.#best(after, (index, best) => index < best);
    const table = this.#current?.table;
    const slot = table?.takeOldest(after);
    if (!table || slot === undefined) return held;
    if (!held || table.meta(slot).index < held.meta.index) return this.#hold(slot);
    table.putBack(slot);
    return held;
  }

  #best(after: number, better: (index: number, best: number) => boolean): HeldSlot | undefined {
    let found: HeldSlot | undefined;
    for (const hold of this.#holds) {
      const { index } = hold.meta;
      if (index > after && (!found || better(index, found.meta.index))) found = hold;
    }
    return found;
  }

  #hold(slot: number): HeldSlot {
    const generation = this.#current as Generation;
    const hold: HeldSlot = {
      generation,
      slot,
      meta: generation.table.meta(slot),
      holders: 0,
      taken: false,
    };
    this.#holds.add(hold);
    return hold;
  }

  /** Before the slots are replaced: a file's frames wait outside of the table. */
  #keepUnread(): void {
    for (;;) {
      const slot = this.#current?.table.takeOldest(-Infinity);
      if (slot === undefined) return;
      this.#hold(slot);
    }
  }

  /** A file must not wait for consumers that only choose: its oldest frame gives way. */
  #makeRoom(): void {
    const table = this.#current?.table;
    if (!table || table.free > 0 || this.#consumers.pacing) return;
    const slot = table.takeOldest(-Infinity);
    if (slot === undefined) return;
    table.release(slot);
    this.#unread++;
    this.onFree();
  }

  /** What every choosing consumer has passed. */
  #freeUnchosen(): void {
    if (this.#lossless && this.#consumers.pacing) return;
    this.#unread += this.#current?.table.freeOlder(this.#consumers.firstUnchosen) ?? 0;
  }

  #mayBeChosen({ meta }: HeldSlot): boolean {
    if (this.#lossless && this.#consumers.pacing) return false;
    return meta.index >= this.#consumers.firstUnchosen;
  }

  /** Slots that nobody holds, and on a file everybody has seen, can be written again. */
  #freeSeen(): void {
    for (const hold of this.#stale) {
      if (hold.holders > 0) continue;
      this.#stale.delete(hold);
      this.#end(memoryOf(hold));
    }
    for (const hold of this.#holds) {
      if (hold.holders > 0) continue;
      if (this.#lossless && this.#consumers.want(hold, this.#current)) continue;
      this.#holds.delete(hold);
      if (hold.generation === this.#current) this.#free(hold);
      else this.#end(memoryOf(hold));
    }
    this.onFree();
  }

  #free(hold: HeldSlot): void {
    const { table, lent, memory } = hold.generation;
    const { byteLength } = memoryOf(hold);
    if (this.#isTransferred(memoryOf(hold))) {
      lent.replace(hold.slot, memory[hold.slot] = this.#pool.allocate(byteLength));
    } else if (this.#mayBeChosen(hold)) {
      table.putBack(hold.slot);
      return;
    }
    table.release(hold.slot);
  }

  #end(memory: FrameMemory): void {
    if (!this.#isTransferred(memory)) memory.end();
  }

  #isTransferred(memory: FrameMemory): boolean {
    const before = this.#pool.transfers;
    const { transferred } = memory;
    if (transferred && !before) this.onTransfer();
    return transferred;
  }
}
