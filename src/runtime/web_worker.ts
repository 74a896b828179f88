/**
 * Background threads by the `Worker` that Deno and Bun have in common.
 *
 * @module
 */

import { isMissingModule, withoutModuleText } from "./error_text.ts";
import type { BackgroundWorker, WorkerHandlers } from "./types.ts";

// Libraries replace the global, in programs that test themselves above all.
const { Worker } = globalThis;

export function spawnWebWorker(
  module: URL | string,
  { onMessage, onError }: WorkerHandlers,
): BackgroundWorker {
  const worker = new Worker(module, { type: "module" });
  worker.onmessage = (event: MessageEvent<unknown>) => onMessage(event.data);
  worker.onerror = (event: ErrorEvent) => {
    event.preventDefault();
    const message = withoutModuleText(event.message);
    onError(message, isMissingModule(message) ? "module" : undefined);
  };
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}
