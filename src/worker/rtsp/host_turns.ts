/**
 * How many connections are opened to one host at once.
 *
 * @module
 */

/**
 * The queue of a server for new connections is short (5 in gst-rtsp-server): what finds no
 * place in it is tried again by the system after a second.
 */
const AT_ONCE = 4;

/** Of one thread. */
export class HostTurns {
  readonly #hosts = new Map<string, { open: number; readonly waiting: (() => void)[] }>();

  /** Resolves when it is one's turn, to what gives the turn back; it may be called again. */
  async take(host: string): Promise<() => void> {
    let turns = this.#hosts.get(host);
    if (!turns) this.#hosts.set(host, turns = { open: 0, waiting: [] });
    if (turns.open < AT_ONCE) turns.open++;
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      turns.waiting.push(resolve);
      await promise;
    }
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#give(host);
    };
  }

  #give(host: string): void {
    const turns = this.#hosts.get(host)!;
    const next = turns.waiting.shift();
    // The turn goes on to the next one.
    if (next) return next();
    if (--turns.open === 0) this.#hosts.delete(host);
  }
}
