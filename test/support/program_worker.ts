/** A worker that a program makes for itself: the global one, which Node does not have. */

import { Worker as NodeWorker } from "node:worker_threads";
import { isNode } from "./process.ts";

interface Events {
  onMessage(message: unknown): void;
  onError?(error: Error): void;
}

export class ProgramWorker {
  readonly #worker: Worker | NodeWorker;

  constructor(module: URL, { onMessage, onError = (error) => reportError(error) }: Events) {
    if (isNode) {
      this.#worker = new NodeWorker(module).on("message", onMessage).on("error", onError);
      return;
    }
    this.#worker = new Worker(module, { type: "module" });
    this.#worker.onmessage = ({ data }) => onMessage(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      onError(new Error(event.message));
    };
  }

  post(message: unknown, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  terminate(): void {
    void this.#worker.terminate();
  }
}
