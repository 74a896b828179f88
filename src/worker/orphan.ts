/**
 * What a background thread does for an owner that is gone.
 *
 * @module
 */

import { loadBackend, loadHeap } from "../../ffi/mod.ts";
import type { SlotTable } from "../core/shared/slot_table.ts";

/**
 * Frees the memory of the slots, which nobody else does any more. What the program has had
 * in hand is left: it may have transferred it to somebody who lives on.
 */
export function freeSlots(slots: SlotTable): void {
  const backend = loadBackend();
  for (let slot = 0; slot < slots.length; slot++) {
    const pointer = backend.fromAddress(slots.address(slot));
    if (pointer && slots.takeOver(slot)) loadHeap().free(pointer);
  }
}
