/** Owns a background thread, in a worker that can be terminated. */

import { parentPort } from "node:worker_threads";
import { Presence } from "../../../src/core/shared/presence.ts";

parentPort?.on("message", ({ memory, busy }: { memory: SharedArrayBuffer; busy: boolean }) => {
  const words = new Int32Array(memory);
  new Presence({ words, wait: 0, answers: 1 });
  parentPort?.postMessage("ready");
  // Until the test says that it is enough.
  if (busy) { while (Atomics.load(words, 2) === 0) Atomics.wait(words, 2, 0, 10); }
});
