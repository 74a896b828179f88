/**
 * The reader's side of the frame slots: hands frames to consumers, each with a
 * place of its own, and gives slots back when nobody holds them.
 *
 * @module
 */

import type { PixelFormat } from "../core/frame/formats.ts";
import type { Frame } from "../core/frame/frame.ts";
import type { Fit } from "../core/frame/geometry.ts";
import { SLOT_TAIL, type SlotMeta, type SlotTable } from "../core/shared/slot_table.ts";
import { now } from "../core/timing/clock.ts";
import { SampleWindow } from "../core/timing/meters.ts";
import type { SlotFormat } from "../thread/read_protocol.ts";
import { type Consumer, type ConsumerKind, Consumers } from "./consumers.ts";
import { frameOf, type Generation, type HeldSlot } from "./held_slot.ts";

/** How the frames are made. */
export interface FrameSourceOptions {
  readonly format: PixelFormat;
  readonly fit: Fit;
  readonly buffers: number;
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
  readonly #format: PixelFormat;
  readonly #fit: Fit;
  readonly #slots: number;
  readonly #consumers: Consumers;
  readonly #holds = new Set<HeldSlot>();
  readonly #latency = new SampleWindow();
  /** Set by the owner: a slot may have become free. */
  onFree: () => void = () => {};
  /** Set by the owner: a frame of that connection is on its way to a reader. */
  onTake: (connection: number) => void = () => {};
  #current: Generation | undefined;
  #lossless = false;
  #delivered = 0;
  #unread = 0;

  constructor({ format, fit, buffers }: FrameSourceOptions) {
    this.#format = format;
    this.#fit = fit;
    this.#slots = buffers;
    this.#consumers = new Consumers(buffers);
  }

  /**
   * Begins a new generation and returns the memory of its slots. On a live
   * stream frames of the older one are dropped, on a file they are kept.
   */
  configure(
    table: SlotTable,
    format: SlotFormat,
    connection: number,
    live: boolean,
  ): readonly ArrayBuffer[] {
    const previous = this.#current;
    this.#lossless = !live;
    if (live) this.#holds.clear();
    else this.#keepUnread();
    const held = new Set([...this.#holds, ...this.#consumers.holds].map(bufferOf));
    const byteLength = format.byteLength + SLOT_TAIL;
    const reusable =
      previous?.buffers.filter((buffer) => buffer.byteLength === byteLength && !held.has(buffer)) ??
        [];
    const buffers = Array.from(
      { length: this.#slots },
      (_, slot) => reusable[slot] ?? new ArrayBuffer(byteLength),
    );
    this.#current = { ...format, table, connection, buffers };
    return buffers;
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
    const hold = this.#lossless ? this.#oldest(consumer.seen) : this.#newest(consumer.seen, since);
    return hold && this.give(consumer, hold);
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

  /** A frame for a consumer, in place of the one that it has. */
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
    if (consumer.frame === undefined || consumer.frame.released) {
      consumer.frame = frameOf(consumer.hold, this.#format, this.#fit);
    }
    return consumer.frame;
  }

  /** All frames become invalid; the stream is over. */
  releaseAll(): void {
    this.#consumers.giveAllBack();
    this.#holds.clear();
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
    for (const hold of this.#holds) {
      if (hold.holders > 0) continue;
      if (this.#lossless && this.#consumers.want(hold, this.#current)) continue;
      this.#holds.delete(hold);
      if (hold.generation !== this.#current) continue;
      const { table } = hold.generation;
      if (this.#mayBeChosen(hold)) table.putBack(hold.slot);
      else table.release(hold.slot);
    }
    this.onFree();
  }
}

function bufferOf({ generation, slot }: HeldSlot): ArrayBuffer {
  return generation.buffers[slot]!;
}
