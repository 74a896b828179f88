/**
 * The end of the process: servers are told goodbye, and files are completed, as far as
 * that can be done in an instant.
 *
 * Only in the thread that the program began in. In a `Worker` of the program's, it is not
 * known whether the process ends.
 *
 * @module
 */

import { commandLine } from "../../ffi/backend/command_line.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { END_SIGNALS, NativeSignals } from "../../ffi/backend/signals.ts";
import type { ControlBlock } from "../core/shared/control_block.ts";
import { now } from "../core/timing/clock.ts";
import { runtime } from "../runtime/mod.ts";
import type { EndSignal } from "../runtime/types.ts";

/** A background thread that may have a connection or a file open. */
export interface Leaver {
  readonly control: ControlBlock;
  /** Asks it to end the attempt when it has done what was asked of it before. */
  askToEnd(): void;
}

/** Flags of Deno and Bun with which a program gets SIGTERM when a file was changed. */
const RELOADS = /^--(watch|watch-hmr|hot)(=|$)/;
/** Milliseconds that the end of the process may take longer. */
const PATIENCE_MS = 200;
/** Of them, for frames that are still in a queue. */
const QUEUE_MS = 110;
/** In which a signal that was sent again has its effect. */
const EFFECT_MS = 1_000;

const threads = new Set<Leaver>();
let isInstalled = false;

/** Watches a thread until `forgetLeaver`. */
export function watchLeaver(thread: Leaver): void {
  if (!runtime.isMainThread) return;
  threads.add(thread);
  if (isInstalled) return;
  isInstalled = true;
  runtime.onExit(sayGoodbye);
}

/** The thread is gone, or does not answer. */
export function forgetLeaver(thread: Leaver): void {
  if (threads.delete(thread) && threads.size === 0) signals?.forget();
}

/**
 * The thread has answered: signals are watched from then on. A program that never lets
 * its messages in would not get a signal either, and could not be ended by it.
 */
export function heardFrom(thread: Leaver): void {
  if (threads.has(thread)) (signals ??= new SignalWatch()).begin();
}

function sayGoodbye(): void {
  const begin = now();
  const leaving = new Set([...threads].filter(({ control }) => !control.giveUpStart()));
  for (const thread of leaving) thread.askToEnd();
  awaitAll(leaving, begin + QUEUE_MS);
  for (const thread of leaving) thread.control.requestStop();
  awaitAll(leaving, begin + PATIENCE_MS);
  threads.clear();
}

/** Takes out of the set who is done. */
function awaitAll(leaving: Set<Leaver>, deadline: number): void {
  for (const thread of leaving) {
    while (leaving.has(thread)) {
      const rest = deadline - now();
      if (thread.control.blockWhileBusy(Math.max(0, rest))) leaving.delete(thread);
      else if (rest <= 0) break;
    }
  }
}

/** Says goodbye on a signal that ends the process, which it then does as before. */
class SignalWatch {
  readonly #native: NativeSignals | undefined;
  /** Those that end the process, unless the program listens. */
  readonly #ending: readonly EndSignal[];
  readonly #ignored: readonly EndSignal[];
  #undo: (() => void)[] = [];
  /** Whether the program has ever listened to a signal. */
  #isHeard = false;

  constructor() {
    try {
      this.#native = new NativeSignals(loadBackend());
    } catch {
      // Then they end the process as before.
    }
    this.#isHeard = END_SIGNALS.some((signal) => runtime.hasListener(signal));
    runtime.onListener(() => {
      this.#isHeard = true;
      for (const { control } of threads) control.signalsEnd = false;
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
    for (const { control } of threads) control.signalsEnd = !this.#isHeard;
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
    sayGoodbye();
    this.forget();
    this.#native?.raise(signal);
    // Not one more line of the program's: it would find that its streams have ended.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EFFECT_MS);
  }
}

let signals: SignalWatch | undefined;
