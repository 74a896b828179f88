/** A thread that answers every release with a wake. */

import { parentPort } from "node:worker_threads";
import { ControlBlock } from "../../../src/core/shared/control_block.ts";

parentPort?.on("message", (memory: SharedArrayBuffer) => {
  const control = new ControlBlock(memory);
  let seen = control.releaseCount;
  control.phase = 3;
  control.signalWake();
  const deadline = performance.now() + 30_000;
  while (!control.stopRequested && performance.now() < deadline) {
    control.waitForRelease(seen, 1_000);
    if (control.releaseCount === seen) continue;
    seen = control.releaseCount;
    control.add("published");
    control.signalWake();
  }
  parentPort?.postMessage(control.stopRequested ? "stopped" : "timed out");
});
