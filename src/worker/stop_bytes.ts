/**
 * The stop byte of a background thread.
 *
 * @module
 */

import { loadBackend } from "../../ffi/mod.ts";
import type { ControlBlock } from "../core/shared/control_block.ts";

/** See `ControlBlock.moveStop`; at address 0n it stays where it is. */
export function moveStop(control: ControlBlock, address: bigint): void {
  if (address === 0n) return;
  const backend = loadBackend();
  const pointer = backend.fromAddress(address);
  if (pointer) control.moveStop(new Uint8Array(backend.bufferAt(pointer, 8)));
}
