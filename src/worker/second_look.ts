/**
 * What a server says to a plain request without a password: libav does not pass it on.
 *
 * @module
 */

import { LARGEST_BLOCK, type Libav } from "../../ffi/mod.ts";
import { answerTo } from "../av/plain_request.ts";
import { isAnswered, isHeadOver } from "../core/connection/odd_answers.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import { now } from "../core/timing/clock.ts";
import { serverAddress } from "./server_address.ts";

/** Schemes whose servers answer such a request. */
const PLAIN = /^(?:rtsp|http)s?$/;
const MAX_WAIT_MS = 5_000;
const ASK_AGAIN_MS = 60_000;

interface Answer {
  readonly text: string;
  readonly time: number;
}

/** Of this thread's servers, by what they were asked. */
const answers = new Map<string, Answer>();

/**
 * The answer, empty where there is none: of HTTP its head, of RTSP no more than is looked at. A
 * server that fails again and again is asked once a minute.
 *
 * @param method of RTSP
 * @param stop begins with the stop byte
 * @returns undefined where the scheme has no such requests
 */
export function secondLook(
  libav: Libav,
  { media, openTimeout }: { readonly media: MediaUrl; readonly openTimeout: number },
  method: "DESCRIBE" | "OPTIONS",
  stop: Uint8Array,
): string | undefined {
  const server = PLAIN.test(media.scheme) ? serverAddress(media) : undefined;
  if (server === undefined || stop[0] !== 0) return undefined;
  const { authority, path, hostAndPort } = server;
  const isRtsp = media.scheme.startsWith("rtsp");
  const request = isRtsp
    ? `${method} ${media.scheme}://${authority}${path} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp`
    : `GET ${path || "/"} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close`;
  const timeout = `${Math.min(openTimeout, MAX_WAIT_MS) * 1_000}`;
  const url = `${media.scheme.endsWith("s") ? "tls" : "tcp"}://${hostAndPort}`;
  const known = answers.get(`${url} ${request}`);
  if (known && now() - known.time < ASK_AGAIN_MS) return known.text;
  const answer = answerTo(libav, {
    url,
    text: `${request}\r\n\r\n`,
    options: { protocol_whitelist: "tcp,tls", timeout, rw_timeout: timeout },
    isEnough: (text) => isRtsp ? isAnswered(text, LARGEST_BLOCK) : isHeadOver(text),
    stop,
  });
  answers.set(`${url} ${request}`, { text: answer, time: now() });
  return answer;
}
