/**
 * The shared words between the main thread and a background thread.
 *
 * One SharedArrayBuffer: a stop byte that libav polls, words that either side
 * waits on, and counters that the background thread writes and anyone reads.
 *
 * @module
 */

import { type Counter, COUNTER_COUNT, COUNTER_INDEX } from "./counters.ts";
import { SharedEventCount } from "./event_count.ts";
import { OpenFile } from "./open_file.ts";
import type { PresenceWords } from "./presence.ts";

/** What the background thread is doing; decides which deadline applies. */
export const Phase = {
  /** Between attempts. */
  idle: 0,
  /** Opening the connection, until the decoder is open. */
  opening: 1,
  /** In a blocking read, or decoding. */
  reading: 2,
  /** Waiting for the program: a free slot, or the time of the next frame of a file. */
  waiting: 3,
  /** In a blocking write, or encoding. */
  writing: 4,
} as const;

/** How packets become pictures; see `StreamStats.latency`. */
export type LatencyMode = "parser" | "learning" | "early" | "ordinary";

/** In the order of the numbers that the counter `latencyMode` has. */
export const LATENCY_MODES: readonly LatencyMode[] = ["parser", "learning", "early", "ordinary"];

/** Bytes that a thread has of its own for the stop byte, and the 0 behind it. */
export const STOP_BYTES = 8;

/** Which of the two threads was first to say that the background thread runs, or does not. */
const Start = { open: 0, begun: 1, givenUp: 2 } as const;

const WORD = {
  wake: 2,
  phase: 3,
  generation: 4,
  release: 5,
  finish: 6,
  inputFormat: 7,
  start: 8,
  presence: 9,
  answers: 10,
  signals: 11,
  completion: 12,
  file: 16,
};
const WORDS_END = 72;

const COUNTERS_END = WORDS_END + COUNTER_COUNT * 8;

/** Where the frame slots' words begin. */
export const SLOTS_OFFSET = Math.ceil(COUNTERS_END / 64) * 64;

/**
 * The control words, over memory that both threads have.
 *
 * @typeParam C the counters of the thread's role; none for code that needs none
 */
export class ControlBlock<in C extends Counter = never> {
  /** The address of byte 0 is what libav's interrupt callback is given. */
  bytes: Uint8Array;
  /** The background thread has something new for the main thread. */
  readonly wake: SharedEventCount;
  /** A slot is free, or the background thread is to look at the words again. */
  readonly release: SharedEventCount;
  /** The file that the background thread writes for the program. */
  readonly file: OpenFile;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #counters: Float64Array<SharedArrayBuffer>;

  readonly memory: SharedArrayBuffer;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory, 0, WORDS_END / 4);
    this.wake = new SharedEventCount(this.#words, WORD.wake);
    this.release = new SharedEventCount(this.#words, WORD.release);
    const { file: state, completion } = WORD;
    this.file = new OpenFile({ words: this.#words, state, completion });
    this.#counters = new Float64Array(memory, WORDS_END, COUNTER_COUNT);
  }

  /**
   * The stop byte: `strlen` of it is what AVIOInterruptCB returns, so the byte
   * behind it stays 0.
   */
  get stopRequested(): boolean {
    return Atomics.load(this.bytes, 0) !== 0;
  }

  /**
   * Other bytes for the stop: libav may look at them when the isolates of both threads,
   * and the shared words with them, are gone.
   */
  moveStop(bytes: Uint8Array): void {
    this.bytes = bytes;
  }

  requestStop(): void {
    Atomics.store(this.bytes, 0, 1);
    this.release.signal();
  }

  /** Before a new attempt is asked for; never while one is under way. */
  clearStop(): void {
    Atomics.store(this.bytes, 0, 0);
  }

  /** Whether the background thread has been there. */
  get begun(): boolean {
    return Atomics.load(this.#words, WORD.start) === Start.begun;
  }

  /** The background thread is there; false when nobody waits for it any more. */
  begin(): boolean {
    return this.#claimStart(Start.begun);
  }

  /**
   * Nobody waits any more for the thread to begin: it never will. False when it has begun.
   */
  giveUpStart(): boolean {
    return this.#claimStart(Start.givenUp);
  }

  #claimStart(state: number): boolean {
    const before = Atomics.compareExchange(this.#words, WORD.start, Start.open, state);
    return before === Start.open || before === state;
  }

  get phase(): number {
    return Atomics.load(this.#words, WORD.phase);
  }

  set phase(phase: number) {
    Atomics.store(this.#words, WORD.phase, phase);
    if (phase === Phase.idle) Atomics.notify(this.#words, WORD.phase);
  }

  /**
   * Blocks until the background thread has nothing open any more, or has begun something
   * else, or for so many milliseconds.
   *
   * @returns whether it has nothing open
   */
  blockWhileBusy(timeout: number): boolean {
    const { phase } = this;
    if (phase !== Phase.idle) Atomics.wait(this.#words, WORD.phase, phase, timeout);
    return this.phase === Phase.idle;
  }

  /** The generation that the slots are ready for; see `SlotTable`. */
  get generation(): number {
    return Atomics.load(this.#words, WORD.generation);
  }

  /** Tells the background thread that the slots of a generation are ready. */
  set generation(generation: number) {
    Atomics.store(this.#words, WORD.generation, generation);
    this.release.signal();
  }

  /** Whether a publishing thread is to write what is left and end. */
  get finishRequested(): boolean {
    return Atomics.load(this.#words, WORD.finish) !== 0;
  }

  requestFinish(): void {
    Atomics.store(this.#words, WORD.finish, 1);
    this.release.signal();
  }

  /** Whether signals end the process, and nobody but the main thread's goodbye handles them. */
  get signalsEnd(): boolean {
    return Atomics.load(this.#words, WORD.signals) !== 0;
  }

  set signalsEnd(end: boolean) {
    Atomics.store(this.#words, WORD.signals, end ? 1 : 0);
  }

  /** See `Presence`. */
  get presence(): PresenceWords {
    return { words: this.#words, wait: WORD.presence, answers: WORD.answers };
  }

  /** Number of the pixel format of a writer's frames, in `PIXEL_FORMATS`. */
  get inputFormat(): number {
    return Atomics.load(this.#words, WORD.inputFormat);
  }

  set inputFormat(format: number) {
    Atomics.store(this.#words, WORD.inputFormat, format);
  }

  /** Counters are numbers, each a float64, that one of the threads writes and both read. */
  get(counter: C): number {
    return this.#counters[COUNTER_INDEX[counter]]!;
  }

  set(counter: C, value: number): void {
    this.#counters[COUNTER_INDEX[counter]] = value;
  }

  /** Sets several to the same value. */
  setAll(counters: readonly C[], value: number): void {
    for (const counter of counters) this.set(counter, value);
  }

  add(counter: C, amount = 1): void {
    this.#counters[COUNTER_INDEX[counter]]! += amount;
  }
}
