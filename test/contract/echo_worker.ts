/** A thread that answers with what it is sent, and breaks when it is told to. */

import { threadScope } from "../../src/runtime/thread_scope.ts";

const scope = threadScope<unknown, unknown>();

scope.onmessage = ({ data }) => {
  if (data === "break") throw new Error("broken on purpose");
  scope.postMessage(data);
};
