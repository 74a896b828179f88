/** Finite files over HTTP, by servers that know ranges and lengths and by those that do not. */

import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { chunk, type Exchange, type Route } from "../wrong_web.ts";

export interface FileOptions {
  /** Whether a range is granted, as web servers do and cameras do not; default true. */
  ranges?: boolean | undefined;
  /** What tells the end; default "length". "close": only the end of the connection. */
  framing?: "length" | "chunked" | "close" | undefined;
  contentType?: string | undefined;
  /** The first answer breaks off after so many bytes. */
  breakAt?: number | undefined;
  /** Every answer breaks off after so many bytes. */
  breaksAt?: number | undefined;
  /** Default: as fast as it goes. */
  bytesPerSecond?: number | undefined;
}

const TYPES: Record<string, string> = {
  ".m3u8": "application/vnd.apple.mpegurl",
  ".ts": "video/mp2t",
  ".aac": "audio/aac",
  ".mp4": "video/mp4",
  ".flv": "video/x-flv",
  ".jpg": "image/jpeg",
  ".png": "image/png",
};
const PIECE = 16 << 10;

export function file(path: string, options: FileOptions = {}): Route {
  let breakAt = options.breakAt ?? options.breaksAt;
  return async (exchange) => {
    await send(exchange, path, { ...options, breakAt });
    breakAt = options.breaksAt;
  };
}

/** The files of a directory, by the last part of their paths. */
export function directory(path: string, options: FileOptions = {}): Route {
  return async (exchange) => {
    const name = join(path, normalize(exchange.path.slice(exchange.path.lastIndexOf("/"))));
    const isFile = await stat(name).then((found) => found.isFile(), () => false);
    if (isFile) await send(exchange, name, options);
    else exchange.head(404, { "Content-Length": 0 });
  };
}

async function send(exchange: Exchange, path: string, options: FileOptions): Promise<void> {
  const { ranges = true, framing = "length", breakAt = Infinity, bytesPerSecond } = options;
  const whole = await readFile(path);
  const asked = ranges ? /^bytes=(\d+)-(\d*)$/.exec(exchange.headers.range ?? "") : null;
  const [first, last] = [Number(asked?.[1] ?? 0), Number(asked?.[2] || whole.length - 1)];
  if (first >= whole.length) return exchange.head(416, { "Content-Length": 0 });
  const data = whole.subarray(first, last + 1);
  exchange.head(asked ? 206 : 200, {
    "Content-Type": options.contentType ?? TYPES[extname(path)] ?? "application/octet-stream",
    "Content-Length": framing === "length" ? data.length : undefined,
    "Transfer-Encoding": framing === "chunked" ? "chunked" : undefined,
    "Accept-Ranges": ranges ? "bytes" : undefined,
    "Content-Range": asked
      ? `bytes ${first}-${first + data.length - 1}/${whole.length}`
      : undefined,
  });
  if (exchange.method === "HEAD") return;
  const begin = performance.now();
  for (let at = 0; at < data.length && !exchange.isOver; at += PIECE) {
    const piece = data.subarray(at, Math.min(at + PIECE, breakAt));
    if (piece.length === 0) return;
    await exchange.write(framing === "chunked" ? chunk(piece) : piece);
    if (bytesPerSecond) {
      await exchange.sleep(begin + at * 1000 / bytesPerSecond - performance.now());
    }
  }
  if (framing === "chunked") await exchange.write("0\r\n\r\n");
}
