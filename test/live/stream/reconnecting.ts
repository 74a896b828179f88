/** What the tests of reconnecting share. */

import { Listener } from "../../support/listener.ts";

export const AGAIN = { delay: 100 };

/** Counts its connections, and ends each at once. */
export function startRefuser(): Promise<Listener> {
  return new Listener((socket) => socket.destroy()).listen();
}
