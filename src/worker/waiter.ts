/**
 * Waits of a background thread for the program or the clock.
 *
 * @module
 */

import { type ControlBlock, Phase } from "../core/shared/control_block.ts";
import { now } from "../core/timing/clock.ts";

/** Waits are cut short so that a stop that was missed is seen all the same. */
export const SLICE_MS = 100;

/** What is done for the thread of a waiter. */
export interface WaitHandlers {
  /** Called at every turn: the program may have asked for something. */
  onTurn(): void;
  /** The time that was waited is not time in which nothing came. */
  onEnd(): void;
}

/** Blocks its thread, yet sees a stop, and does what is asked of it meanwhile. */
export class Waiter {
  readonly #control: ControlBlock;
  readonly #handlers: WaitHandlers;

  constructor(control: ControlBlock, handlers: WaitHandlers) {
    this.#control = control;
    this.#handlers = handlers;
  }

  /** Waits until a time, by `now()`, or until a stop was asked for. */
  untilTime(time: number): void {
    if (time > now()) this.until(never, time);
  }

  /**
   * Waits until `done`; false when the time is over or a stop was asked for.
   *
   * @param slice the milliseconds after which it looks again, if nobody signals
   */
  until(done: () => boolean, deadline = Infinity, slice = () => SLICE_MS): boolean {
    const control = this.#control;
    const { phase } = control;
    control.phase = Phase.waiting;
    try {
      for (;;) {
        const seen = control.release.count;
        if (done()) return true;
        const rest = deadline - now();
        if (control.stopRequested || rest <= 0) return false;
        this.#handlers.onTurn();
        control.release.block(seen, Math.min(rest, slice()));
      }
    } finally {
      this.#handlers.onEnd();
      control.phase = phase;
    }
  }
}

function never(): boolean {
  return false;
}
