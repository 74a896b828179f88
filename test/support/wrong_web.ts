/** An HTTP server on loopback with the habits of cheap cameras. */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Listener } from "./listener.ts";

/** One request; the connection ends with its answer. */
export class Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** With names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #socket: Socket;

  constructor(head: string, socket: Socket) {
    const [line, ...lines] = head.split("\r\n");
    const [method, url = "/"] = line!.split(" ");
    this.method = method!;
    this.path = decodeURIComponent(url.split("?")[0]!);
    this.headers = Object.fromEntries(lines.map((text) => {
      const colon = text.indexOf(":");
      return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
    }));
    this.#socket = socket;
  }

  get isOver(): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded;
  }

  head(status: number, headers: Readonly<Record<string, string | number | undefined>> = {}): void {
    const lines = Object.entries({ ...headers, Connection: "close" })
      .flatMap(([name, value]) => value === undefined ? [] : [`${name}: ${value}\r\n`]);
    this.#socket.write(
      `HTTP/1.1 ${status} ${status < 400 ? "OK" : "Error"}\r\n${lines.join("")}\r\n`,
    );
  }

  /** Resolves when it may be followed by more, or when the client has gone. */
  write(data: Uint8Array | string): Promise<void> {
    if (this.isOver || this.#socket.write(data)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.once("drain", done);
      this.#socket.once("close", done);
    });
  }

  end(): void {
    this.#socket.end();
  }

  /** Waits; less long when the client goes. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#socket.off("close", done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      this.#socket.once("close", done);
      if (this.isOver) done();
    });
  }
}

export type Route = (exchange: Exchange) => void | Promise<void>;

export class WrongWeb extends Listener {
  /** The request lines seen, such as "GET /live HTTP/1.1". */
  readonly requests: string[] = [];

  constructor(routes: Readonly<Record<string, Route>>) {
    super((socket) => {
      let text = "";
      socket.setEncoding("latin1");
      socket.on("data", (chunk) => {
        text += chunk;
        const end = text.indexOf("\r\n\r\n");
        if (end === -1) return;
        const head = text.slice(0, end);
        text = "";
        this.requests.push(head.split("\r\n", 1)[0]!);
        void this.#answer(routes, new Exchange(head, socket));
      });
      socket.on("end", () => socket.end());
    });
  }

  async #answer(routes: Readonly<Record<string, Route>>, exchange: Exchange): Promise<void> {
    // "/live/" is for all that begins with it.
    const fits = (route: string) =>
      route.endsWith("/") ? exchange.path.startsWith(route) : exchange.path === route;
    const [route] = Object.keys(routes).filter(fits).sort((a, b) => b.length - a.length);
    if (route) await routes[route]!(exchange);
    else exchange.head(404, { "Content-Length": 0 });
    exchange.end();
  }

  at(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }
}

/** By path: `{ "/cam.mjpg": multipart(await jpegs()), "/files/": directory(path) }`. */
export function startWrongWeb(routes: Readonly<Record<string, Route>>): Promise<WrongWeb> {
  return new WrongWeb(routes).listen();
}

/** HTTP's own framing of an answer without a length. */
export function chunk(data: Uint8Array): Buffer {
  const head = Buffer.from(`${data.length.toString(16)}\r\n`, "latin1");
  return Buffer.concat([head, data, Buffer.from("\r\n", "latin1")]);
}
