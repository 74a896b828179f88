/**
 * The slots of a background thread, and the memory that it has for them.
 *
 * @module
 */

import type { SlotTable } from "../core/shared/slot_table.ts";
import type { FrameMemory } from "./frame_memory.ts";

/** From `begin()` to `end()` the thread has them, and their memory is not freed. */
export class LentSlots {
  readonly table: SlotTable;
  #memory: (FrameMemory | undefined)[];
  #begun = false;

  constructor(table: SlotTable) {
    this.table = table;
    this.#memory = Array.from({ length: table.length });
  }

  /** There is a thread. */
  begin(): void {
    this.#begun = true;
    for (const one of this.#memory) if (one) one.lent = true;
  }

  /** All slots empty, with other memory; only while the thread waits for it. */
  reset(memory: readonly FrameMemory[]): void {
    const before = this.#memory;
    this.#memory = [...memory];
    for (const one of memory) one.lent = this.#begun;
    this.table.reset(memory.map(({ address }) => address));
    for (const one of before) if (one && !memory.includes(one)) one.lent = false;
  }

  /** Other memory for a slot that the thread does not use. */
  replace(slot: number, memory: FrameMemory): void {
    const before = this.#memory[slot];
    this.#memory[slot] = memory;
    memory.lent = this.#begun;
    this.table.move(slot, memory.address);
    if (before) before.lent = false;
  }

  /** The thread is over. */
  end(): void {
    this.#begun = false;
    for (const one of this.#memory.splice(0)) if (one) one.lent = false;
  }
}
