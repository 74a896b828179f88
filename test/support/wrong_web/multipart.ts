/** Motion JPEG over HTTP, as cameras understand RFC 2046. */

import { Buffer } from "node:buffer";
import { chunk, type Route } from "../wrong_web.ts";

export interface MultipartOptions {
  /** Pictures a second; default 25. */
  fps?: number | undefined;
  /** The answer's own type, instead of "multipart/x-mixed-replace; boundary=frame". */
  contentType?: string | undefined;
  /** The type of each part; default "image/jpeg"; `false`: none is told. */
  type?: string | false | undefined;
  /** Whether a part tells its length; default true. */
  length?: boolean | undefined;
  /** Whether a boundary stands before the first part; default true. */
  firstBoundary?: boolean | undefined;
  /** Other headers of each part. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Lines end with a line feed alone; default false. */
  lineFeeds?: boolean | undefined;
  /** Default false. */
  chunked?: boolean | undefined;
  /** Hangs up after so many pictures. */
  pictures?: number | undefined;
}

const BOUNDARY = "frame";

export function multipart(jpegs: readonly Buffer[], options: MultipartOptions = {}): Route {
  const { fps = 25, type = "image/jpeg", length = true, firstBoundary = true } = options;
  const { contentType = `multipart/x-mixed-replace; boundary=${BOUNDARY}` } = options;
  const { headers = {}, lineFeeds, chunked, pictures = Infinity } = options;
  const line = lineFeeds ? "\n" : "\r\n";
  const part = (jpeg: Buffer, i: number) => {
    const lines = [
      ...i > 0 || firstBoundary ? [`--${BOUNDARY}`] : [],
      ...type === false ? [] : [`Content-Type: ${type}`],
      ...length ? [`Content-Length: ${jpeg.length}`] : [],
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      "",
    ];
    const head = Buffer.from(lines.map((text) => text + line).join(""), "latin1");
    return Buffer.concat([head, jpeg, Buffer.from(line, "latin1")]);
  };
  return async (exchange) => {
    exchange.head(200, {
      "Content-Type": contentType,
      "Transfer-Encoding": chunked ? "chunked" : undefined,
    });
    const begin = performance.now();
    for (let i = 0; i < pictures && !exchange.isOver; i++) {
      const data = part(jpegs[i % jpegs.length]!, i);
      await exchange.write(chunked ? chunk(data) : data);
      await exchange.sleep(begin + (i + 1) * 1000 / fps - performance.now());
    }
  };
}
