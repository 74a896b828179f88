/** A thread that puts what it takes out of one mailbox into another. */

import { parentPort } from "node:worker_threads";
import { Mailbox } from "../../../src/core/shared/mailbox.ts";

export interface MailboxOrder {
  readonly orders: SharedArrayBuffer;
  readonly answers: SharedArrayBuffer;
}

/** The text that ends it. */
export const LAST = "last";

parentPort?.on("message", (order: MailboxOrder) => {
  const [orders, answers] = [new Mailbox(order.orders), new Mailbox(order.answers)];
  const deadline = performance.now() + 30_000;
  let text: string | undefined;
  while (text !== LAST && performance.now() < deadline) {
    text = orders.take();
    if (text === undefined) continue;
    while (!answers.put(text) && performance.now() < deadline);
  }
  parentPort?.postMessage(text === LAST ? "over" : "timed out");
});
