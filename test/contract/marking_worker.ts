/** A thread that has C make a mark at its end, and ends when it is told to. */

import { loadBackend, markThreadEnd } from "../../ffi/mod.ts";
import { threadScope } from "../../src/runtime/thread_scope.ts";

const scope = threadScope<bigint | "close", string>();

scope.onmessage = ({ data }) => {
  if (data === "close") return scope.close();
  const backend = loadBackend();
  const pointer = backend.fromAddress(data);
  if (pointer) markThreadEnd(backend, pointer);
  scope.postMessage("marked");
};
