/** A thread that uses its file until it is told that it may end. */

import { parentPort } from "node:worker_threads";
import { ControlBlock } from "../../../src/core/shared/control_block.ts";

parentPort?.on("message", (memory: SharedArrayBuffer) => {
  const control = new ControlBlock(memory);
  control.file.begin({ call: 1n, argument: 2n });
  control.file.use(() => {
    parentPort?.postMessage("using");
    control.release.block(control.release.count, 30_000);
  });
});
