/** The writing thread of the race over the slots. */

import { parentPort } from "node:worker_threads";
import { ControlBlock } from "../../../src/core/shared/control_block.ts";
import { SlotTable } from "../../../src/core/shared/slot_table.ts";
import { byteOf, SLOT_BYTES, type WriterOrder } from "./slot_table_race.ts";

parentPort?.on("message", (order: WriterOrder) => {
  const control = new ControlBlock(order.memory);
  const table = new SlotTable(order.memory, order.slots);
  const payload = new Uint8Array(order.payload);
  for (let index = 0; index < order.frames && !control.stopRequested; index++) {
    const slot = order.mode === "lossless"
      ? waitForFree(control, table)
      : table.takeFree() ?? table.stealOldest();
    if (slot === undefined) continue;
    const fill = () =>
      payload.fill(byteOf(index), slot * SLOT_BYTES, slot * SLOT_BYTES + SLOT_BYTES);
    const meta = {
      index,
      pts: index / 25,
      arrivalTime: index,
      captureTime: index,
      cameraClock: false,
      keyframe: false,
      corrupt: false,
      sourceWidth: 64,
      sourceHeight: 48,
      readyTime: index,
      clockOffset: 0,
      orientation: 0,
      sampleAspectRatio: 1,
    };
    if (order.mode !== "publish-first") fill();
    table.markReady(slot, meta);
    if (order.mode === "publish-first") fill();
  }
  parentPort?.postMessage("over");
});

function waitForFree(control: ControlBlock, table: SlotTable): number | undefined {
  for (;;) {
    const seen = control.release.count;
    const slot = table.takeFree();
    if (slot !== undefined || control.stopRequested) return slot;
    control.release.block(seen, 100);
  }
}
