/** A thread that writes through an address that another thread gave it. */

import { parentPort } from "node:worker_threads";
import { NativeMemory } from "../../ffi/backend/memory.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { loadLibc } from "../../ffi/load/mod.ts";

export interface WriteOrder {
  address: bigint;
  bytes: number[];
}

parentPort?.on("message", ({ address, bytes }: WriteOrder) => {
  const backend = loadBackend();
  const memory = new NativeMemory(backend, loadLibc(backend).symbols);
  const target = backend.fromAddress(address);
  const source = backend.pointerOf(new Uint8Array(bytes));
  if (target) memory.copy(target, source, BigInt(bytes.length));
  parentPort?.postMessage(target ? "written" : "no address");
});
