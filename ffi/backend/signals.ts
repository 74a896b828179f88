/**
 * Signals that the process may get.
 *
 * @module
 */

import { libcFiles } from "./libc_files.ts";
import { type FfiBackend, fn, type NativeFunctions } from "./types.ts";

const FUNCTIONS = {
  // int sigaction(int signum, const struct sigaction *act, struct sigaction *oldact);
  sigaction: fn("i32", "i32", "buffer", "buffer"),
  // int raise(int sig);
  raise: fn("i32", "i32"),
} as const;

/** They have these numbers on all systems that have them. */
const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** What a struct sigaction begins with: its function, or one of these. */
const DEFAULT = 0n;
const IGNORED = 1n;
/** More than a struct sigaction has on any system. */
const ACTION_BYTES = 256;

/** Signals that ask a process to end. */
export type EndSignal = keyof typeof NUMBERS;

export const END_SIGNALS = Object.keys(NUMBERS) as readonly EndSignal[];

/** Those of this process. */
export class NativeSignals {
  readonly #functions: NativeFunctions<typeof FUNCTIONS>;

  /** @throws {Error} The system has none, or native calls are not permitted. */
  constructor(backend: FfiBackend) {
    if (backend.platform.os === "windows") throw new Error("There are no signals here");
    let reason: unknown;
    for (const file of libcFiles(backend.platform)) {
      try {
        this.#functions = backend.open(file, FUNCTIONS).symbols;
        return;
      } catch (error) {
        reason = error;
      }
    }
    throw reason;
  }

  /** What the process does on a signal. */
  action(signal: EndSignal): "default" | "ignored" | "handled" {
    const bytes = new Uint8Array(new ArrayBuffer(ACTION_BYTES));
    this.#functions.sigaction(NUMBERS[signal], null, bytes);
    const begin = new DataView(bytes.buffer).getBigUint64(0, true);
    if (begin === IGNORED) return "ignored";
    return begin === DEFAULT ? "default" : "handled";
  }

  /** The process takes no notice of a signal. */
  ignore(signal: EndSignal): void {
    const bytes = new Uint8Array(new ArrayBuffer(ACTION_BYTES));
    new DataView(bytes.buffer).setBigUint64(0, IGNORED, true);
    this.#functions.sigaction(NUMBERS[signal], bytes, null);
  }

  /**
   * A signal has its default effect, whoever handles it.
   *
   * @returns undoes it
   */
  release(signal: EndSignal): () => void {
    const before = new Uint8Array(new ArrayBuffer(ACTION_BYTES));
    const none = new Uint8Array(new ArrayBuffer(ACTION_BYTES));
    this.#functions.sigaction(NUMBERS[signal], none, before);
    return () => void this.#functions.sigaction(NUMBERS[signal], before, null);
  }

  /** The process gets a signal. */
  raise(signal: EndSignal): void {
    this.#functions.raise(NUMBERS[signal]);
  }
}
