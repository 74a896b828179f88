/**
 * Signals that end the process.
 *
 * @module
 */

import { constants } from "node:os";
import process from "node:process";
import { commandLine } from "../../ffi/backend/command_line.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { END_SIGNALS, NativeSignals } from "../../ffi/backend/signals.ts";
import { runtime } from "../runtime/mod.ts";
import type { EndSignal } from "../runtime/types.ts";

/** Flags of Deno and Bun with which a program gets SIGTERM when a file was changed. */
const RELOADS = /^--(watch|watch-hmr|hot)(=|$)/;
/** Its number in its container, or in the whole system. */
const FIRST_PROCESS = 1;
/** In which a signal that was sent again has its effect. */
const EFFECT_MS = 1_000;

/** Calls `leave` on a signal that ends the process, which it then does as before. */
export class SignalWatch {
  readonly #leave: () => void;
  readonly #tell: (signalsEnd: boolean) => void;
  readonly #native: NativeSignals | undefined;
  /** Those that end the process, unless the program listens. */
  readonly #ending: readonly EndSignal[];
  readonly #ignored: readonly EndSignal[];
  #undo: (() => void)[] = [];
  /** Whether the program has ever listened to a signal. */
  #isHeard = false;

  /** @param tell is told whether signals end the process, or the program decides */
  constructor(leave: () => void, tell: (signalsEnd: boolean) => void) {
    this.#leave = leave;
    this.#tell = tell;
    try {
      this.#native = new NativeSignals(loadBackend());
    } catch {
      // Then they end the process as before.
    }
    this.#isHeard = END_SIGNALS.some((signal) => runtime.hasListener(signal));
    runtime.onListener(() => {
      this.#isHeard = true;
      this.#tell(false);
    });
    const isIgnored = (signal: EndSignal) => this.#native?.action(signal) === "ignored";
    this.#ignored = END_SIGNALS.filter(isIgnored);
    const begun = this.#native ? commandLine(loadBackend()) : [];
    const isReloaded = begun.some((word) => RELOADS.test(word));
    this.#ending = END_SIGNALS.filter((signal) => {
      // Then it says that the program is about to begin anew, and must not end it.
      if (signal === "SIGTERM" && isReloaded) return false;
      // Deno takes signals for itself, so that one which is handled may end the process too.
      return this.#native && this.#native.action(signal) !== "ignored";
    });
  }

  begin(): void {
    this.#tell(!this.#isHeard);
    if (this.#undo.length > 0) return;
    this.#undo = this.#ending.map((signal) =>
      runtime.watchSignal(signal, (isHeard) => {
        // Then it is the program that decides what happens.
        if (!isHeard) this.#end(signal);
      })
    );
    // Deno takes all of them when it is to take one.
    for (const signal of this.#ignored) this.#native?.ignore(signal);
  }

  forget(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #end(signal: EndSignal): void {
    this.#leave();
    this.forget();
    // The system spares the first process of a container from what ends all others.
    if (process.pid === FIRST_PROCESS) process.exit(128 + constants.signals[signal]);
    this.#native?.raise(signal);
    // Not one more line of the program's: it would find that its streams have ended.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EFFECT_MS);
  }
}
