/**
 * What a server says that has not accepted a password.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { answerTo } from "../../av/plain_request.ts";
import type { CallError, Explanation } from "../../av/check.ts";
import { unsupportedChallenges } from "../../core/connection/challenges.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";

const PORTS: Readonly<Record<string, number>> = { rtsp: 554, rtsps: 322, http: 80, https: 443 };

/**
 * Asks once more, without a password: libav does not tell what was offered.
 *
 * @returns undefined when the password may be wrong
 */
export function passwordRefused(
  libav: Libav,
  { media, openTimeout }: ReadRequest,
  stop: Uint8Array,
  { detail }: CallError,
): Explanation | undefined {
  const port = PORTS[media.scheme];
  const parts = /^\w+:\/\/[^@/]*@([^/?#]*)([^#]*)/.exec(media.withCredentials);
  if (detail !== "HTTP_UNAUTHORIZED" || port === undefined || parts === null) return undefined;
  const [, address, path] = parts;
  const request = media.scheme.startsWith("rtsp")
    ? `DESCRIBE ${media.scheme}://${address}${path} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp`
    : `GET ${path || "/"} HTTP/1.1\r\nHost: ${address}\r\nConnection: close`;
  const timeout = `${Math.min(openTimeout, 5_000) * 1_000}`;
  const head = answerTo(libav, {
    url: `${media.scheme.endsWith("s") ? "tls" : "tcp"}://${withPort(address!, port)}`,
    text: `${request}\r\n\r\n`,
    options: { protocol_whitelist: "tcp,tls", timeout, rw_timeout: timeout },
    stop,
  });
  const reason = unsupportedChallenges(head);
  return reason === undefined ? undefined : { code: "AUTH_FAILED", reason };
}

function withPort(address: string, port: number): string {
  return /:\d+$/.test(address) && !address.endsWith("]") ? address : `${address}:${port}`;
}
