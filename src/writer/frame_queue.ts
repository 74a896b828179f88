/**
 * The program's side of a writer's slots: frames wait here for the background
 * thread, in memory that is reused.
 *
 * @module
 */

import { PIXEL_FORMATS, type PixelFormat } from "../core/frame/formats.ts";
import type { Size } from "../core/frame/geometry.ts";
import type { QueuePolicy } from "../core/options/writer_options.ts";
import type { ControlBlock } from "../core/shared/control_block.ts";
import type { WriteCounter } from "../core/shared/counters.ts";
import { SLOT_TAIL, SlotTable } from "../core/shared/slot_table.ts";
import { now } from "../core/timing/clock.ts";
import { type FrameMemory, framePool } from "../thread/frame_memory.ts";
import { LentSlots } from "../thread/lent_slots.ts";

/** Between two looks the thread may have taken all that could be replaced, and made places free. */
const ATTEMPTS = 4;

/** What comes with the bytes of a frame. */
export interface QueuedFrame extends Size {
  readonly data: Uint8Array;
  readonly format: PixelFormat;
  /** Seconds from the writer's first frame on. */
  readonly time: number;
}

/** Lives on the main thread, as long as its writer. */
export class FrameQueue {
  readonly #size: number;
  readonly #policy: QueuePolicy;
  #control: ControlBlock<WriteCounter>;
  #slots: LentSlots;
  /** By their slots; undefined before a frame was in one. */
  #memory: (FrameMemory | undefined)[];
  #index = 0;
  /** Frames that gave way to a newer one. */
  replaced = 0;
  /** Those of them that waited for a server that had to catch up. */
  replacedLate = 0;
  /** Frames that were not taken. */
  refused = 0;

  constructor(control: ControlBlock<WriteCounter>, size: number, policy: QueuePolicy) {
    this.#size = size;
    this.#policy = policy;
    this.#control = control;
    this.#slots = new LentSlots(new SlotTable(control.memory, size));
    this.#memory = Array.from({ length: size });
  }

  /** Goes on, empty, with other shared words: a thread that was left behind keeps its memory. */
  moveTo(control: ControlBlock<WriteCounter>): void {
    this.#control = control;
    this.#slots = new LentSlots(new SlotTable(control.memory, this.#size));
    this.#memory = Array.from({ length: this.#size });
  }

  /** What the thread that takes the frames works with. */
  get slots(): LentSlots {
    return this.#slots;
  }

  get #table(): SlotTable {
    return this.#slots.table;
  }

  /** No frame is put in or taken out any more. */
  end(): void {
    for (const memory of this.#memory.splice(0)) memory?.end();
  }

  /** Frames that wait, the one that is being encoded included. */
  get length(): number {
    return this.#table.length - this.#table.free;
  }

  /** Places without a frame. */
  get free(): number {
    return this.#table.free;
  }

  get full(): boolean {
    return this.free === 0;
  }

  /**
   * Copies a frame into the queue; false when there is no place and none is made.
   *
   * @throws {RangeError} There is not so much memory.
   */
  push({ data, format, width, height, time }: QueuedFrame): boolean {
    const slot = this.#take();
    if (slot === undefined) {
      this.refused++;
      return false;
    }
    try {
      this.#room(slot, data.byteLength).set(data);
    } catch (error) {
      this.#table.abandon(slot);
      throw error;
    }
    this.#control.inputFormat = PIXEL_FORMATS.indexOf(format);
    this.#table.markReady(slot, {
      index: this.#index++,
      pts: time,
      arrivalTime: NaN,
      clockOffset: NaN,
      orientation: 0,
      sampleAspectRatio: 1,
      captureTime: NaN,
      cameraClock: false,
      keyframe: false,
      corrupt: false,
      sourceWidth: width,
      sourceHeight: height,
      readyTime: now(),
    });
    this.#control.release.signal();
    return true;
  }

  #take(): number | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const free = this.#table.takeFree();
      if (free !== undefined || this.#policy === "block") return free;
      const slot = this.#table.stealOldest();
      if (slot !== undefined) {
        this.replaced++;
        if (this.#control.get("serverLate") > 0) this.replacedLate++;
        return slot;
      }
    }
    return undefined;
  }

  /** The slot is ours while it is written, so that it can get other memory. */
  #room(slot: number, byteLength: number): Uint8Array<ArrayBuffer> {
    let memory = this.#memory[slot];
    if (memory === undefined || memory.byteLength < byteLength + SLOT_TAIL) {
      const before = memory;
      memory = this.#memory[slot] = framePool.allocate(byteLength + SLOT_TAIL);
      this.#slots.replace(slot, memory);
      before?.end();
    }
    return new Uint8Array(memory.buffer, 0, byteLength);
  }
}
