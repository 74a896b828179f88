/**
 * What a background thread has of its `ThreadMemory`.
 *
 * @module
 */

import { loadBackend, markThreadEnd } from "../../ffi/mod.ts";
import { type ControlBlock, STOP_BYTES } from "../core/shared/control_block.ts";

/**
 * Finds the stop byte there, and leaves a mark there when the thread ends; at address 0n
 * the stop byte is where it was.
 */
export function takeOwnMemory(control: ControlBlock, address: bigint): void {
  if (address === 0n) return;
  const backend = loadBackend();
  const pointer = backend.fromAddress(address);
  if (!pointer) return;
  control.moveStop(new Uint8Array(backend.bufferAt(pointer, STOP_BYTES)));
  markThreadEnd(backend, backend.offset(pointer, STOP_BYTES));
}
