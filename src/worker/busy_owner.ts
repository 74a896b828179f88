/**
 * A program that does not let its events in does not hear of a signal, and must be ended by
 * it all the same.
 *
 * @module
 */

import { END_SIGNALS, loadBackend, NativeSignals } from "../../ffi/mod.ts";
import type { ControlBlock } from "../core/shared/control_block.ts";
import type { OwnerWatch } from "../core/shared/presence.ts";

/** Gives signals their default effect while the owner is busy. */
export class BusyOwner implements Disposable {
  readonly #owner: OwnerWatch;
  readonly #control: ControlBlock;
  #native: NativeSignals | undefined;
  #undo: (() => void)[] | undefined;

  constructor(owner: OwnerWatch, control: ControlBlock) {
    this.#owner = owner;
    this.#control = control;
  }

  /** To be called again and again. */
  look(): void {
    const busy = this.#owner.isBusy && this.#control.signalsEnd;
    if (!busy) return this[Symbol.dispose]();
    if (this.#undo) return;
    const native = this.#native ??= new NativeSignals(loadBackend());
    const handled = END_SIGNALS.filter((signal) => native.action(signal) === "handled");
    // Another thread has done it.
    if (handled.length === 0) return;
    this.#undo = handled.map((signal) => native.release(signal));
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo ?? []) undo();
    this.#undo = undefined;
  }
}
