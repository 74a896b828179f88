/**
 * What only Node does: its background threads are those of `node:worker_threads`.
 *
 * @module
 */

import { withoutModuleText } from "./error_text.ts";
import { hostProcess } from "./host_process.ts";
import { processEnd } from "./process_end.ts";
import type { BackgroundWorker, Runtime, WorkerHandlers } from "./types.ts";
import { unrestricted } from "./unrestricted.ts";

/** The part of `node:worker_threads` that is used; an import would be there in other runtimes. */
interface WorkerThreads {
  readonly isMainThread: boolean;
  readonly Worker: new (module: URL, options: { execArgv: readonly string[] }) => NodeWorker;
}

interface NodeWorker {
  on(event: "message", listener: (message: unknown) => void): void;
  on(event: "error", listener: (error: unknown) => void): void;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** Node warns of its FFI once a thread: for the program's own thread that is enough. */
const FLAGS = ["--disable-warning=ExperimentalWarning"] as const;

function threads(): WorkerThreads {
  return hostProcess().getBuiltinModule("node:worker_threads") as unknown as WorkerThreads;
}

function spawnWorker(module: URL, { onMessage, onError }: WorkerHandlers): BackgroundWorker {
  const { Worker } = threads();
  const worker = new Worker(module, { execArgv: FLAGS });
  worker.on("message", onMessage);
  worker.on("error", (error) => {
    onError(withoutModuleText(error instanceof Error ? error.message : String(error)));
  });
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}

export const runtime: Runtime = {
  get isMainThread() {
    return threads().isMainThread;
  },
  ...processEnd,
  ...unrestricted,
  spawnWorker,
};
