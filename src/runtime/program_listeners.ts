/**
 * Who listens to signals in Deno, which tells only of those who do it by `process.on`.
 *
 * @module
 */

import { hostProcess } from "./host_process.ts";

type Listener = () => void;

/**
 * The program's listeners: those by `process.on`, and those by `Deno.addSignalListener`
 * from the time on when this is made.
 */
export class ProgramListeners {
  readonly #process = hostProcess();
  readonly #add = Deno.addSignalListener;
  readonly #remove = Deno.removeSignalListener;
  readonly #others = new Map<string, Set<Listener>>();
  /** Signals with a listener that has gone just now: it may be the one that was called. */
  readonly #leaving = new Map<string, number>();

  /** Called when the program begins to listen. */
  onListener = (): void => {};

  constructor() {
    Deno.addSignalListener = (signal, listener) => {
      this.#add.call(Deno, signal, listener);
      this.onListener();
      const others = this.#others.get(signal);
      if (others) others.add(listener);
      else this.#others.set(signal, new Set([listener]));
    };
    Deno.removeSignalListener = (signal, listener) => {
      this.#remove.call(Deno, signal, listener);
      if (this.#others.get(signal)?.delete(listener)) this.#goes(signal);
    };
    this.#process.on("newListener", (event) => {
      if (String(event).startsWith("SIG")) this.onListener();
    });
    this.#process.on("removeListener", (event) => this.#goes(String(event)));
  }

  #goes(signal: string): void {
    this.#leaving.set(signal, (this.#leaving.get(signal) ?? 0) + 1);
    setTimeout(() => this.#leaving.set(signal, this.#leaving.get(signal)! - 1));
  }

  /** Whether there was one when what runs now began. */
  has(signal: NodeJS.Signals & Deno.Signal): boolean {
    return this.#process.listenerCount(signal) > 0 || (this.#others.get(signal)?.size ?? 0) > 0 ||
      (this.#leaving.get(signal) ?? 0) > 0;
  }

  /** One that is not the program's. */
  add(signal: Deno.Signal, listener: Listener): void {
    this.#add.call(Deno, signal, listener);
  }

  remove(signal: Deno.Signal, listener: Listener): void {
    this.#remove.call(Deno, signal, listener);
  }
}
