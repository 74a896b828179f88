/** What the tests of reconnecting share. */

import { Listener } from "../../support/listener.ts";

/** One connection more asks a server once what it has to say. */
export const LOOK = 1;
export const AGAIN = { delay: 100 };

/** Counts its connections, and ends each at once. */
export function startRefuser(): Promise<Listener> {
  return new Listener((socket) => socket.destroy()).listen();
}
