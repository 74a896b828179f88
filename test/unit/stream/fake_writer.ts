/** The writing side of a `FrameSource`, in the same thread. */

import { loadBackend } from "../../../ffi/backend/mod.ts";
import type { Frame } from "../../../src/core/frame/frame.ts";
import type { Fit } from "../../../src/core/frame/geometry.ts";
import {
  sharedByteLength,
  SLOT_TAIL,
  type SlotMeta,
  SlotTable,
} from "../../../src/core/shared/slot_table.ts";
import type { Consumer } from "../../../src/stream/consumers.ts";
import { FrameSource } from "../../../src/stream/frame_source.ts";
import { type FrameMemory, FramePool } from "../../../src/thread/frame_memory.ts";
import { LentSlots } from "../../../src/thread/lent_slots.ts";

export interface Options {
  readonly slots?: number | undefined;
  /** A file: every frame in order. */
  readonly lossless?: boolean | undefined;
  readonly fit?: Fit | undefined;
}

/** Every byte of a frame. */
export function byteOf(index: number): number {
  return index % 251;
}

/** A source, its table, and a writer that does what the background thread does. */
export class FakeWriter {
  readonly source: FrameSource;
  readonly slots: LentSlots;
  readonly table: SlotTable;
  #memory: readonly FrameMemory[] = [];
  connection = 0;
  #generation = 0;
  #byteLength = 0;
  readonly #lossless: boolean;

  constructor({ slots = 4, lossless = false, fit = "fill" }: Options = {}) {
    const making = { format: "gray8", fit, autorotate: true, squarePixels: true } as const;
    this.source = new FrameSource({ ...making, buffers: slots, pool: new FramePool() });
    this.table = new SlotTable(new SharedArrayBuffer(sharedByteLength(slots)), slots);
    this.slots = new LentSlots(this.table);
    this.slots.begin();
    this.#lossless = lossless;
    this.configure(4, 2);
  }

  /** A new generation, as after a new connection or with a new size. */
  configure(width: number, height: number): void {
    const generation = ++this.#generation;
    this.#byteLength = width * height;
    const format = { generation, width, height, byteLength: this.#byteLength };
    const { slots } = this;
    this.#memory = this.source.configure(slots, format, ++this.connection, !this.#lossless);
    slots.reset(this.#memory);
  }

  get buffers(): readonly ArrayBuffer[] {
    return this.#memory.map(({ buffer }) => buffer);
  }

  /** Writes a frame, and rubbish into its tail; false when there is no slot for it. */
  write(index: number, pts = index / 25, more: Partial<SlotMeta> = {}): boolean {
    const free = this.table.takeFree();
    const slot = free ?? (this.#lossless ? undefined : this.table.stealOldest());
    if (slot === undefined) return false;
    writtenAt(this.table.address(slot), this.#byteLength + SLOT_TAIL).fill(
      byteOf(index),
      0,
      this.#byteLength,
    )
      .fill(255, this.#byteLength, this.#byteLength + SLOT_TAIL);
    const keyframe = index % 10 === 0;
    this.table.markReady(slot, {
      index,
      pts,
      arrivalTime: 1_000 + index,
      captureTime: 900 + index,
      cameraClock: true,
      keyframe,
      corrupt: false,
      sourceWidth: 4,
      sourceHeight: 2,
      readyTime: 0,
      clockOffset: 0,
      orientation: 0,
      sampleAspectRatio: 1,
      ...more,
    });
    return true;
  }

  writeAll(...indexes: readonly number[]): void {
    for (const index of indexes) {
      if (!this.write(index)) throw new Error(`no slot for frame ${index}`);
    }
  }

  take(consumer: Consumer): Frame | undefined {
    return this.source.take(consumer);
  }

  /** The index of the frame that a consumer takes, after a look at all its bytes. */
  takeIndex(consumer: Consumer): number | undefined {
    const frame = this.take(consumer);
    if (frame && !isWhole(frame)) throw new Error(`frame ${frame.index} has other bytes`);
    return frame?.index;
  }

  /** A reader that chooses. */
  choosing(): Consumer {
    return this.source.addConsumer({ choosing: true });
  }

  /** What a choosing reader can choose from. */
  indexes(consumer: Consumer): number[] {
    return this.source.candidates(consumer).map(({ index }) => index);
  }

  /** The frame of that index, which must be there. */
  choose(consumer: Consumer, index: number): Frame {
    const hold = this.source.reserve(index);
    const frame = hold && this.source.give(consumer, hold);
    if (!frame) throw new Error(`frame ${index} is gone`);
    if (!isWhole(frame)) throw new Error(`frame ${index} has other bytes`);
    return frame;
  }

  /** How many slots the writer could take without taking unread frames away. */
  get free(): number {
    const taken: number[] = [];
    for (;;) {
      const slot = this.table.takeFree();
      if (slot === undefined) break;
      taken.push(slot);
    }
    for (const slot of taken) this.table.abandon(slot);
    return taken.length;
  }
}

/** Native memory, as a background thread has it. */
function writtenAt(address: bigint, byteLength: number): Uint8Array {
  const backend = loadBackend();
  return new Uint8Array(backend.bufferAt(backend.fromAddress(address)!, byteLength));
}

/** Whether all bytes of a frame are those that were written for its index. */
export function isWhole(frame: Frame): boolean {
  return frame.data.length === frame.width * frame.height &&
    frame.data.every((byte) => byte === byteOf(frame.index));
}

/** The frame, or the test fails. */
export function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is no frame");
  return value;
}
