/** A thread that has C make a mark at its end, and ends when it is told to. */

import { loadBackend, markThreadEnd } from "../../ffi/mod.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<bigint | "close">) => void;
  postMessage(message: string): void;
  close(): void;
};

scope.onmessage = ({ data }) => {
  if (data === "close") return scope.close();
  const backend = loadBackend();
  const pointer = backend.fromAddress(data);
  if (pointer) markThreadEnd(backend, pointer);
  scope.postMessage("marked");
};
