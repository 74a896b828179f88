/** An RTSP client that hides nothing: what a server answers, and every packet that it sends. */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

export interface PlainReply {
  readonly status: number;
  /** With names in small letters; of several the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface PlainPacket {
  readonly channel: number;
  /** Milliseconds since the connection. */
  readonly at: number;
  readonly data: Buffer;
}

const INTERLEAVED = 0x24;

export class PlainClient implements Disposable {
  readonly packets: PlainPacket[] = [];
  /** The server has ended its direction. */
  isEnded = false;
  /** All that came, as it came. */
  received = 0;
  readonly #url: string;
  readonly #socket: Socket;
  readonly #begin = performance.now();
  readonly #waiting: ((reply: PlainReply | undefined) => void)[] = [];
  #rest = Buffer.alloc(0);
  #cseq = 0;

  constructor(url: string) {
    this.#url = url;
    this.#socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1" });
    this.#socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    const end = () => {
      this.isEnded = true;
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    };
    this.#socket.on("error", end).on("end", end).on("close", end);
  }

  /** Undefined when the server hangs up instead, or when the client does. */
  ask(
    method: string,
    { url = this.#url, headers = {} }: { url?: string; headers?: Record<string, string> } = {},
  ): Promise<PlainReply | undefined> {
    const lines = Object.entries({ CSeq: String(++this.#cseq), ...headers });
    const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.#socket.write(`${method} ${url} RTSP/1.0\r\n${text}\r\n`);
    return new Promise((resolve) =>
      this.isEnded ? resolve(undefined) : this.#waiting.push(resolve)
    );
  }

  setUp(control: string, channel = 0): Promise<PlainReply | undefined> {
    const Transport = `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`;
    return this.ask("SETUP", { url: `${this.#url}/${control}`, headers: { Transport } });
  }

  /** All that a client asks until packets come; the session description. */
  async play(...controls: string[]): Promise<string> {
    const told = await this.ask("DESCRIBE");
    for (const [i, control] of ["track1", ...controls].entries()) {
      await this.setUp(control, 2 * i);
    }
    await this.ask("PLAY");
    return told?.text ?? "";
  }

  #receive(chunk: Uint8Array): void {
    this.received += chunk.length;
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length > 0) {
      const length = this.#rest[0] === INTERLEAVED ? this.#packet() : this.#reply();
      if (length === 0) return;
      this.#rest = this.#rest.subarray(length);
    }
  }

  /** The length of what was taken; 0 when it is not all there yet. */
  #packet(): number {
    const length = this.#rest.length < 4 ? Infinity : 4 + this.#rest.readUInt16BE(2);
    if (this.#rest.length < length) return 0;
    const at = performance.now() - this.#begin;
    this.packets.push({ channel: this.#rest[1]!, at, data: this.#rest.subarray(4, length) });
    return length;
  }

  #reply(): number {
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end === -1) return 0;
    const [line, ...lines] = this.#rest.toString("latin1", 0, end).split("\r\n");
    const headers = Object.fromEntries(lines.map((text) => {
      const colon = text.indexOf(":");
      return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()];
    }));
    const length = end + 4 + Number(headers["content-length"] ?? 0);
    if (this.#rest.length < length) return 0;
    const text = this.#rest.toString("latin1", end + 4, length);
    this.#waiting.shift()?.({ status: Number(line!.split(" ")[1]), headers, text });
    return length;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
