/**
 * A background thread's side of the messages.
 *
 * @module
 */

/** The part of a dedicated worker's global scope that is used. */
export interface ThreadScope<To, From> {
  onmessage: ((event: MessageEvent<To>) => void) | null;
  postMessage(message: From, transfer?: Transferable[]): void;
  close(): void;
}

interface NodeProcess {
  getBuiltinModule(name: "node:worker_threads"): { readonly parentPort: unknown };
}

/** Of the running thread: Node has a port where others have globals. */
export function threadScope<To, From>(): ThreadScope<To, From> {
  const isWeb = "Deno" in globalThis || "Bun" in globalThis;
  const scope = isWeb ? globalThis : nodePort();
  return scope as ThreadScope<To, From>;
}

function nodePort(): unknown {
  const { process } = globalThis as unknown as { process: NodeProcess };
  return process.getBuiltinModule("node:worker_threads").parentPort;
}
