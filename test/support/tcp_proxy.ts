/** A TCP relay on loopback whose line can be made bad while it runs. */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Listener } from "./listener.ts";

export interface ProxyOptions {
  targetPort: number;
  /** Default: a free one. */
  port?: number | undefined;
}

/** What a line does to what passes. */
interface Line {
  readonly mode: "pass" | "stall" | "refuse" | "half-open";
  /** Milliseconds, in either direction. */
  readonly delay: number;
  /** Bytes to the client, after which it is cut. */
  readonly limit: number;
  /** Bytes a second, in either direction. */
  readonly rate: number;
  /** Bytes a second to the client, one at a time. */
  readonly drip: number;
  /** Milliseconds after which a new connection is cut. */
  readonly lifetime: number;
  /** One of so many bytes to the client is wrong. */
  readonly corrupt: number;
  /** Of each two pieces to the client the second comes first. */
  readonly reorder: boolean;
}

const GOOD: Line = {
  mode: "pass",
  delay: 0,
  limit: Infinity,
  rate: Infinity,
  drip: Infinity,
  lifetime: Infinity,
  corrupt: Infinity,
  reorder: false,
};

/** A piece that waits for the one which is to overtake it waits no longer, in milliseconds. */
const OVERTAKEN_WITHIN = 100;

export class Proxy extends Listener {
  /** Bytes handed on to the clients so far. */
  bytes = 0;
  #line = GOOD;
  readonly #relays = new Set<Relay>();

  readonly targetPort: number;

  constructor(targetPort: number) {
    super((client) => {
      if (this.#line.mode === "refuse") return void client.destroy();
      const relay = new Relay(client, targetPort, () => this.#line, (count) => this.bytes += count);
      this.#relays.add(relay);
      client.once("close", () => this.#relays.delete(relay));
    });
    this.targetPort = targetPort;
  }

  /** A good line again, whatever it was. */
  pass(): void {
    this.#become({});
  }

  /** Swallows everything in both directions; connections stay open. */
  stall(): void {
    this.#become({ mode: "stall" });
  }

  /** Closes every new connection at once; those that exist go on. */
  refuse(): void {
    this.#become({ mode: "refuse" });
  }

  /** The server has gone without a word: connections stay open, and nobody is behind them. */
  halfOpen(): void {
    this.#become({ mode: "half-open" });
    for (const relay of this.#relays) relay.leaveOpen();
  }

  /** Clients are told that no more comes, and are still listened to. */
  halfClose(): void {
    for (const relay of this.#relays) relay.endAnswers();
  }

  /** Connections end by a reset in place of an end; new ones are accepted. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Everything arrives this much later, in order. */
  delay(ms: number): void {
    this.#become({ delay: ms });
  }

  /** Every connection is cut after so many more bytes to the client. */
  dropAfter(bytes: number): void {
    this.#become({ limit: bytes });
  }

  /** Every new connection is cut after this time. */
  cutAfter(ms: number): void {
    this.#become({ lifetime: ms });
  }

  /** In either direction, no more is read than so many bytes a second. */
  throttle(bytesPerSecond: number): void {
    this.#become({ rate: bytesPerSecond });
  }

  /** What goes to a client comes byte by byte. */
  drip(bytesPerSecond: number): void {
    this.#become({ drip: bytesPerSecond });
  }

  /** One bit of every so many bytes to a client is wrong. */
  corrupt(every: number): void {
    this.#become({ corrupt: every });
  }

  /** Pieces to a client change their places, two by two. */
  reorder(): void {
    this.#become({ reorder: true });
  }

  #become(line: Partial<Line>): void {
    this.#line = { ...GOOD, ...line };
    for (const relay of this.#relays) relay.countAnew();
  }
}

/** One client's connection. */
class Relay {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #lineNow: () => Line;
  readonly #count: (bytes: number) => void;
  /** Bytes to the client since the line became what it is. */
  #sent = 0;
  #held: Buffer | undefined;
  #isLeftOpen = false;

  constructor(client: Socket, port: number, lineNow: () => Line, count: (bytes: number) => void) {
    this.#client = client;
    this.#lineNow = lineNow;
    this.#count = count;
    this.#target = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.#target.setNoDelay(true);
    const end = () => void (this.#isLeftOpen || client.destroy());
    this.#target.on("error", end).once("close", end);
    const { lifetime, mode } = lineNow();
    if (lifetime < Infinity) {
      const timer = setTimeout(() => client.destroy(), lifetime);
      client.once("close", () => clearTimeout(timer));
    }
    client.once("close", () => this.#target.destroy());
    this.#pump(client, this.#target, (chunk) => this.#write(this.#target, chunk));
    this.#pump(this.#target, client, (chunk) => this.#toClient(chunk));
    if (mode === "half-open") this.leaveOpen();
  }

  leaveOpen(): void {
    this.#isLeftOpen = true;
    this.#target.destroy();
  }

  endAnswers(): void {
    this.#client.end();
  }

  countAnew(): void {
    this.#sent = 0;
  }

  #pump(from: Socket, to: Socket, hand: (chunk: Buffer) => void | Promise<void>): void {
    let due = 0;
    // Nothing overtakes: a shorter delay applies after the longer one ran out.
    const later = (action: () => void) => {
      due = Math.max(due, performance.now() + this.#lineNow().delay);
      const wait = due - performance.now();
      if (wait <= 0) action();
      else setTimeout(action, wait);
    };
    from.on("data", (chunk: Uint8Array) => {
      const { mode, rate } = this.#lineNow();
      if (mode === "stall" || mode === "half-open") return;
      if (rate < Infinity) {
        from.pause();
        setTimeout(() => from.resume(), chunk.length * 1000 / rate);
      }
      later(() => {
        const handed = hand(Buffer.from(chunk));
        if (!handed && !to.writableNeedDrain) return;
        from.pause();
        if (handed) void handed.then(() => from.resume());
        else to.once("drain", () => from.resume());
      });
    });
    from.on("end", () => later(() => this.#isLeftOpen || to.end()));
  }

  #write(to: Socket, chunk: Buffer): void {
    if (!to.destroyed && !to.writableEnded && chunk.length > 0) to.write(chunk);
  }

  #toClient(chunk: Buffer): void | Promise<void> {
    const { limit, corrupt, reorder, drip } = this.#lineNow();
    const part = chunk.subarray(0, Math.max(0, limit - this.#sent));
    for (let at = corrupt - 1 - this.#sent % corrupt; at < part.length; at += corrupt) {
      part[at]! ^= 1 << at % 8;
    }
    this.#sent += part.length;
    this.#count(part.length);
    if (this.#sent >= limit) {
      queueMicrotask(() => this.#client.end(() => this.#client.destroy()));
    }
    if (drip < Infinity) return this.#drip(part);
    if (reorder || this.#held) this.#swap(part, reorder);
    else this.#write(this.#client, part);
  }

  async #drip(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#client.destroyed; at++) {
      const { drip } = this.#lineNow();
      if (drip === Infinity) return this.#write(this.#client, chunk.subarray(at));
      this.#write(this.#client, chunk.subarray(at, at + 1));
      await sleep(1000 / drip);
    }
  }

  #swap(chunk: Buffer, isHeldNext: boolean): void {
    const held = this.#held;
    this.#held = undefined;
    if (held || !isHeldNext) {
      this.#write(this.#client, chunk);
      if (held) this.#write(this.#client, held);
      return;
    }
    this.#held = chunk;
    setTimeout(() => {
      if (this.#held !== chunk) return;
      this.#held = undefined;
      this.#write(this.#client, chunk);
    }, OVERTAKEN_WITHIN);
  }
}

export function startProxy(options: ProxyOptions): Promise<Proxy> {
  return new Proxy(options.targetPort).listen(options.port);
}
