/**
 * What only Node does: its background threads are those of `node:worker_threads`.
 *
 * @module
 */

import { isMissingModule, withoutModuleText } from "./error_text.ts";
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

/** With `--permission`, what is not permitted by another flag is refused. */
function missingFlags(module: URL): readonly string[] {
  const process = hostProcess();
  // Where there is none, all is permitted.
  const permission = process.permission as typeof process.permission | undefined;
  if (!permission) return [];
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const isFile = module.protocol === "file:";
  const mayLoad = !isFile || permission.has("fs.read", fileURLToPath(module));
  // koffi, which stands in for an FFI of its own, is an addon.
  const [scope, flag] = process.getBuiltinModule("node:ffi")
    ? ["ffi", "--allow-ffi"] as const
    : ["addon", "--allow-addons"] as const;
  return [
    ...mayLoad ? [] : ["--allow-fs-read"],
    ...permission.has("worker") ? [] : ["--allow-worker"],
    ...permission.has(scope) ? [] : [flag],
  ];
}

function spawnWorker(module: URL, { onMessage, onError }: WorkerHandlers): BackgroundWorker {
  const { Worker } = threads();
  const worker = new Worker(module, { execArgv: FLAGS });
  worker.on("message", onMessage);
  worker.on("error", (error) => {
    const message = withoutModuleText(error instanceof Error ? error.message : String(error));
    onError(message, isMissingModule(message) ? "module" : undefined);
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
  missingFlags,
  spawnWorker,
};
