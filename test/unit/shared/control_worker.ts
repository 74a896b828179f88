/** A thread that answers every release with a wake. */

import { parentPort } from "node:worker_threads";
import { ControlBlock } from "../../../src/core/shared/control_block.ts";
import type { WriteCounter } from "../../../src/core/shared/counters.ts";

parentPort?.on("message", (memory: SharedArrayBuffer) => {
  const control = new ControlBlock<WriteCounter>(memory);
  let seen = control.release.count;
  control.phase = 3;
  control.wake.signal();
  const deadline = performance.now() + 30_000;
  while (!control.stopRequested && performance.now() < deadline) {
    control.release.block(seen, 1_000);
    if (control.release.count === seen) continue;
    seen = control.release.count;
    control.add("encoded");
    control.wake.signal();
  }
  parentPort?.postMessage(control.stopRequested ? "stopped" : "timed out");
});
