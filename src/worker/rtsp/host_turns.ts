/**
 * How many connections are opened to one host at once.
 *
 * @module
 */

import { StartTurns } from "../../thread/start_turns.ts";

/**
 * The queue of a server for new connections is short (5 in gst-rtsp-server): what finds no
 * place in it is tried again by the system after a second.
 */
const AT_ONCE = 4;

/** Of one thread. */
export class HostTurns {
  readonly #hosts = new Map<string, StartTurns>();

  /** As that of `StartTurns`, among those who connect to the same host. */
  take(host: string, begin: () => void): () => void {
    let turns = this.#hosts.get(host);
    if (!turns) this.#hosts.set(host, turns = new StartTurns(AT_ONCE));
    return turns.take(begin);
  }
}
