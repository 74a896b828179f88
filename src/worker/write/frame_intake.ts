/**
 * Takes frames out of the program's queue, when the server can have them.
 *
 * @module
 */

import type { QueuePolicy } from "../../core/options/writer_options.ts";
import type { ControlBlock } from "../../core/shared/control_block.ts";
import type { WriteCounter } from "../../core/shared/counters.ts";
import type { SlotTable } from "../../core/shared/slot_table.ts";
import { now } from "../../core/timing/clock.ts";
import { SLICE_MS, type Waiter } from "../waiter.ts";
import { LOOK_AGAIN_MS, type WriteWatch } from "./write_watch.ts";

/** The oldest that a frame may be that has waited for the server, if there is a newer one. */
const MOST_WAIT_MS = 250;

/** What an intake has of its thread. */
interface IntakeContext {
  readonly control: ControlBlock<WriteCounter>;
  readonly slots: SlotTable;
}

/** Of one connection. */
export class FrameIntake {
  readonly #control: ControlBlock<WriteCounter>;
  readonly #slots: SlotTable;
  readonly #waiter: Waiter;
  readonly #policy: QueuePolicy;
  readonly #watch: WriteWatch | undefined;
  /** Frames have waited for the server since the last one was taken. */
  #kept = false;

  constructor(
    { control, slots }: IntakeContext,
    waiter: Waiter,
    policy: QueuePolicy,
    watch: WriteWatch | undefined,
  ) {
    this.#control = control;
    this.#slots = slots;
    this.#waiter = waiter;
    this.#policy = policy;
    this.#watch = watch;
  }

  /**
   * Waits for the next frame; its slot is to be released. Undefined when there will be no
   * more, or a stop was asked for.
   *
   * @throws {SessionError} See `WriteWatch.late`.
   */
  next(): number | undefined {
    const control = this.#control;
    let slot: number | undefined;
    let late = false;
    this.#waiter.until(
      () => {
        late = this.#watch?.late ?? false;
        this.#kept ||= late;
        if (late) return false;
        // Looked at first: what is in the queue by then is written.
        const { finishRequested } = control;
        slot = this.#take();
        return slot !== undefined || finishRequested;
      },
      Infinity,
      () => late ? LOOK_AGAIN_MS : SLICE_MS,
    );
    if (slot !== undefined) this.#kept = false;
    return control.stopRequested && slot === undefined ? undefined : slot;
  }

  /** The oldest frame that is still worth sending. */
  #take(): number | undefined {
    let slot = this.#slots.takeOldest(-Infinity);
    if (!this.#kept || this.#policy === "block") return slot;
    while (slot !== undefined && now() - this.#slots.meta(slot).readyTime > MOST_WAIT_MS) {
      const newer = this.#slots.takeOldest(-Infinity);
      if (newer === undefined) break;
      this.#slots.release(slot);
      this.#control.add("droppedLate");
      this.#control.wake.signal();
      slot = newer;
    }
    return slot;
  }
}
