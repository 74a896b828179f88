/**
 * A background thread's side of the messages.
 *
 * @module
 */

import { hostProcess } from "./host_process.ts";

/** The part of a dedicated worker's global scope that is used. */
export interface ThreadScope<To, From> {
  onmessage: ((event: MessageEvent<To>) => void) | null;
  postMessage(message: From, transfer?: Transferable[]): void;
  close(): void;
}

/** Of the running thread: Node has a port where others have globals. */
export function threadScope<To, From>(): ThreadScope<To, From> {
  const isWeb = "Deno" in globalThis || "Bun" in globalThis;
  const scope = isWeb
    ? globalThis
    : hostProcess().getBuiltinModule("node:worker_threads").parentPort;
  return scope as unknown as ThreadScope<To, From>;
}
