/** RTSP servers that misbehave in one certain way each. */

import type { Socket } from "node:net";
import { Listener } from "./listener.ts";

export type FakeMethod = "OPTIONS" | "DESCRIBE" | "SETUP" | "PLAY";
export type FakeStatus = 404 | 401 | 403 | 453 | 461 | 500 | 503;

const REASONS: Record<number, string> = {
  200: "OK",
  302: "Found",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  453: "Not Enough Bandwidth",
  461: "Unsupported Transport",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=fake",
  "c=IN IP4 127.0.0.1",
  "t=0 0",
  "a=control:*",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1",
  "a=control:track1",
  "",
].join("\r\n");

export class FakeServer extends Listener {
  /** The request lines seen, such as "DESCRIBE rtsp://... RTSP/1.0". */
  readonly requests: string[] = [];

  /** Only the requests of this method. */
  requested(method: string): string[] {
    return this.requests.filter((line) => line.startsWith(`${method} `));
  }
}

interface Request {
  method: string;
  cseq: string;
  socket: Socket;
}

/** Splits what arrives into requests (clients send them without a body). */
function start(
  serve: (request: Request) => void,
  greet?: (socket: Socket) => void,
): Promise<FakeServer> {
  const server = new FakeServer((socket) => {
    let text = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      const parts = (text + chunk).split("\r\n\r\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const line = part.split("\r\n", 1)[0];
        server.requests.push(line);
        const cseq = /^cseq: *(\d+)/im.exec(part)?.[1] ?? "0";
        serve({ method: line.split(" ")[0], cseq, socket });
      }
    });
    socket.on("end", () => socket.end());
    greet?.(socket);
  });
  return server.listen();
}

function answer(
  { cseq, socket }: Request,
  status: number,
  headers: Record<string, string> = {},
  body = "",
): void {
  const lines = Object.entries({ CSeq: cseq, ...headers });
  if (body) lines.push(["Content-Length", String(body.length)]);
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(
    `RTSP/1.0 ${status} ${REASONS[status] ?? "?"}\r\n${head}\r\n${body}`,
  );
}

/** A server that grants every request, and never sends a picture. */
function grant(request: Request): void {
  const session = { Session: "12345678" };
  switch (request.method) {
    case "OPTIONS":
      return answer(request, 200, {
        Public: "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN",
      });
    case "DESCRIBE":
      return answer(request, 200, { "Content-Type": "application/sdp" }, SDP);
    case "SETUP":
      return answer(request, 200, {
        ...session,
        Transport: "RTP/AVP/TCP;unicast;interleaved=0-1",
      });
    default:
      return answer(request, 200, session);
  }
}

/** Accepts, reads, and never answers. */
export function startSilentServer(): Promise<FakeServer> {
  return start(() => {});
}

/** Answers with a header that never ends: no single read ever times out. */
export function startDrippingServer(
  { bytesPerSecond = 2 }: { bytesPerSecond?: number } = {},
): Promise<FakeServer> {
  const head = "RTSP/1.0 200 OK\r\n";
  const header = `X-Drip: ${"a".repeat(50)}\r\n`;
  return start(() => {}, (socket) => {
    let place = 0;
    const drip = setInterval(() => {
      const after = place - head.length;
      socket.write(after < 0 ? head[place] : header[after % header.length]);
      place++;
    }, 1000 / bytesPerSecond);
    socket.once("close", () => clearInterval(drip));
  });
}

/** Answers one kind of request with an error, those before it with 200. */
export function startStatusServer(options: {
  status: FakeStatus;
  headers?: Record<string, string>;
  at?: FakeMethod;
}): Promise<FakeServer> {
  const { status, at = "DESCRIBE" } = options;
  const challenge = { "WWW-Authenticate": 'Basic realm="fake"' };
  const headers = options.headers ?? (status === 401 ? challenge : {});
  return start((request) =>
    request.method === at ? answer(request, status, headers) : grant(request)
  );
}

/** Grants everything up to PLAY and then sends nothing. */
export function startEmptyServer(): Promise<FakeServer> {
  return start(grant);
}

/** Sends bytes that only look like noise: the same ones for the same seed. */
export function startGarbageServer(
  { seed = 1 }: { seed?: number } = {},
): Promise<FakeServer> {
  return start(() => {}, (socket) => {
    let state = seed >>> 0 || 1;
    const chunk = () =>
      Uint8Array.from({ length: 4096 }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state & 0xff;
      });
    const noise = setInterval(() => socket.write(chunk()), 10);
    socket.once("close", () => clearInterval(noise));
  });
}

/** Sends every DESCRIBE elsewhere; without a place, back to itself for ever. */
export async function startRedirectServer(
  location?: string,
): Promise<FakeServer> {
  const server: FakeServer = await start((request) =>
    request.method === "DESCRIBE"
      ? answer(request, 302, { Location: location ?? server.url })
      : grant(request)
  );
  return server;
}
