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
import { SLOT_TAIL, SlotTable } from "../core/shared/slot_table.ts";

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
  readonly #addressOf: (buffer: ArrayBuffer) => bigint;
  #control: ControlBlock;
  #table: SlotTable;
  #buffers: ArrayBuffer[];
  #index = 0;
  /** Frames that gave way to a newer one. */
  replaced = 0;
  /** Frames that were not taken. */
  refused = 0;

  constructor(
    control: ControlBlock,
    size: number,
    policy: QueuePolicy,
    addressOf: (buffer: ArrayBuffer) => bigint,
  ) {
    this.#size = size;
    this.#policy = policy;
    this.#addressOf = addressOf;
    this.#control = control;
    this.#table = new SlotTable(control.memory, size);
    this.#buffers = emptyBuffers(size);
  }

  /** Goes on, empty, with other shared words: a thread that was left behind keeps its memory. */
  moveTo(control: ControlBlock): void {
    this.#control = control;
    this.#table = new SlotTable(control.memory, this.#size);
    this.#buffers = emptyBuffers(this.#size);
  }

  /** The memory of the frames, for the owner that has to keep it alive. */
  get buffers(): readonly ArrayBuffer[] {
    return this.#buffers;
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

  /** Copies a frame into the queue; false when there is no place and none is made. */
  push({ data, format, width, height, time }: QueuedFrame): boolean {
    const slot = this.#take();
    if (slot === undefined) {
      this.refused++;
      return false;
    }
    this.#memory(slot, data.byteLength).set(data);
    this.#control.inputFormat = PIXEL_FORMATS.indexOf(format);
    this.#table.markReady(slot, {
      index: this.#index++,
      pts: time,
      arrivalTime: NaN,
      clockOffset: NaN,
      captureTime: NaN,
      cameraClock: false,
      keyframe: false,
      corrupt: false,
      sourceWidth: width,
      sourceHeight: height,
      readyTime: NaN,
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
        return slot;
      }
    }
    return undefined;
  }

  /** The slot is ours while it is written, so that it can get other memory. */
  #memory(slot: number, byteLength: number): Uint8Array<ArrayBuffer> {
    if (this.#buffers[slot]!.byteLength < byteLength + SLOT_TAIL) {
      this.#buffers[slot] = new ArrayBuffer(byteLength + SLOT_TAIL);
      this.#table.move(slot, this.#addressOf(this.#buffers[slot]));
    }
    return new Uint8Array(this.#buffers[slot]!, 0, byteLength);
  }
}

function emptyBuffers(count: number): ArrayBuffer[] {
  return Array.from({ length: count }, () => new ArrayBuffer(0));
}
