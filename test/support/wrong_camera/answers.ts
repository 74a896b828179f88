/** What the wrong camera answers, in RTSP (RFC 2326) or not. */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

export interface Request {
  readonly method: string;
  readonly url: string;
  /** With names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** The connection that it came by, counted from 1. */
  readonly connection: number;
  /** How many of this method have come by it before. */
  readonly before: number;
}

export interface Reply {
  /** Default 200. */
  status?: number | undefined;
  /** They stand beside the right ones, or instead of them. */
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
  /** Milliseconds until it is sent. */
  delay?: number | undefined;
  /** Instead of the length of the body; 0: none is told. */
  contentLength?: number | undefined;
  /** Hangs up when it is sent; default false. */
  last?: boolean | undefined;
}

/** "close": hangs up instead; a `Reply` is what differs from the right one. */
export type Answer = "right" | "never" | "close" | "garbage" | Reply;
export type Answering = Answer | ((request: Request) => Answer);
/** By method; "all" is for those that are not named. */
export type Answers = Readonly<Record<string, Answering>>;

export function answerTo(request: Request, answers: Answers = {}): Answer {
  const answering = answers[request.method] ?? answers.all ?? "right";
  return typeof answering === "function" ? answering(request) : answering;
}

const REASONS: Record<number, string> = {
  200: "OK",
  301: "Moved Permanently",
  302: "Found",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  453: "Not Enough Bandwidth",
  454: "Session Not Found",
  461: "Unsupported Transport",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};

export function replyText(cseq: string, reply: Reply): string {
  const { status = 200, headers = {}, body = "" } = reply;
  const length = reply.contentLength ?? body.length;
  const lines = Object.entries({
    CSeq: cseq,
    ...headers,
    ...length > 0 ? { "Content-Length": String(length) } : {},
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `RTSP/1.0 ${status} ${REASONS[status] ?? "Error"}\r\n${head}\r\n${body}`;
}

/** Noise without end, or a header without end, so many bytes a second. */
export type Greeting = "garbage" | { drip: number };

const HEAD = "RTSP/1.0 200 OK\r\n";
const HEADER = `X-Drip: ${"a".repeat(50)}\r\n`;

export function greet(socket: Socket, greeting: Greeting): void {
  const every = greeting === "garbage" ? 10 : 1000 / greeting.drip;
  const noise = new Noise();
  let place = 0;
  const send = () => {
    if (greeting === "garbage") return socket.write(noise.bytes(4096));
    const after = place - HEAD.length;
    socket.write(after < 0 ? HEAD[place]! : HEADER[after % HEADER.length]!);
    place++;
  };
  const timer = setInterval(send, every);
  socket.once("close", () => clearInterval(timer));
}

/** Bytes that only look like noise: always the same ones. */
export class Noise {
  #state = 1;

  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    for (let i = 0; i < count; i++) {
      this.#state ^= this.#state << 13;
      this.#state ^= this.#state >>> 17;
      this.#state ^= this.#state << 5;
      bytes[i] = this.#state & 255;
    }
    return bytes;
  }
}
