/** A TCP relay on loopback whose line can be made bad while it runs. */

import { connect, type Socket } from "node:net";
import { Listener } from "./listener.ts";

export interface ProxyOptions {
  targetPort: number;
  /** Default: a free one. */
  port?: number | undefined;
}

type Mode = "pass" | "stall" | "refuse";

export class Proxy extends Listener {
  /** Bytes handed on to the clients so far. */
  bytes = 0;
  #mode: Mode = "pass";
  #delay = 0;
  #limit = Infinity;
  #rate = Infinity;
  #lifetime = Infinity;
  #sent = new Map<Socket, number>();

  readonly targetPort: number;

  constructor(targetPort: number) {
    super((client) => this.#relay(client));
    this.targetPort = targetPort;
  }

  /** A good line again: no stall, delay, limit, slowness or refusal. */
  pass(): void {
    this.#set("pass");
  }

  /** Swallows everything in both directions; connections stay open. */
  stall(): void {
    this.#set("stall");
  }

  /** Closes every new connection at once; those that exist go on. */
  refuse(): void {
    this.#set("refuse");
  }

  /** Everything arrives this much later, in order. */
  delay(ms: number): void {
    this.#set("pass");
    this.#delay = ms;
  }

  /** Every connection is cut after so many more bytes to the client. */
  dropAfter(bytes: number): void {
    this.#set("pass");
    this.#limit = bytes;
  }

  /** Every new connection is cut after this time. */
  cutAfter(ms: number): void {
    this.#set("pass");
    this.#lifetime = ms;
  }

  /** In either direction, no more is read than so many bytes a second. */
  throttle(bytesPerSecond: number): void {
    this.#set("pass");
    this.#rate = bytesPerSecond;
  }

  #set(mode: Mode): void {
    this.#mode = mode;
    this.#delay = 0;
    this.#limit = Infinity;
    this.#rate = Infinity;
    this.#lifetime = Infinity;
    this.#sent.clear();
  }

  #relay(client: Socket): void {
    if (this.#mode === "refuse") {
      client.destroy();
      return;
    }
    const target = connect({
      port: this.targetPort,
      host: "127.0.0.1",
      allowHalfOpen: true,
    });
    target.setNoDelay(true);
    target.on("error", () => client.destroy());
    target.once("close", () => client.destroy());
    if (this.#lifetime < Infinity) {
      const timer = setTimeout(() => client.destroy(), this.#lifetime);
      client.once("close", () => clearTimeout(timer));
    }
    client.once("close", () => {
      this.#sent.delete(client);
      target.destroy();
    });
    this.#pump(client, target, (chunk) => chunk);
    this.#pump(target, client, (chunk) => this.#meter(client, chunk));
  }

  /** Counts what goes to a client, and says how much of it still may. */
  #meter(client: Socket, chunk: Uint8Array): Uint8Array {
    const sent = this.#sent.get(client) ?? 0;
    const part = chunk.subarray(0, Math.max(0, this.#limit - sent));
    this.#sent.set(client, sent + part.length);
    this.bytes += part.length;
    if (sent + part.length >= this.#limit) {
      queueMicrotask(() => client.end(() => client.destroy()));
    }
    return part;
  }

  #pump(
    from: Socket,
    to: Socket,
    allow: (chunk: Uint8Array) => Uint8Array,
  ): void {
    let due = 0;
    // Nothing overtakes: a shorter delay applies after the longer one ran out.
    const later = (action: () => void) => {
      due = Math.max(due, performance.now() + this.#delay);
      const wait = due - performance.now();
      if (wait <= 0) action();
      else setTimeout(action, wait);
    };
    from.on("data", (chunk: Uint8Array) => {
      if (this.#mode === "stall") return;
      if (this.#rate < Infinity) {
        from.pause();
        setTimeout(() => from.resume(), chunk.length * 1000 / this.#rate);
      }
      later(() => {
        if (to.destroyed || to.writableEnded) return;
        const part = allow(chunk);
        if (part.length === 0 || to.write(part)) return;
        from.pause();
        to.once("drain", () => from.resume());
      });
    });
    from.on("end", () => later(() => to.end()));
  }
}

export function startProxy(options: ProxyOptions): Promise<Proxy> {
  return new Proxy(options.targetPort).listen(options.port);
}
