/**
 * What servers ask of their clients (RFC 2326, sections 10.1, 10.3, 10.8 and 10.10).
 *
 * @module
 */

import { formatResponse, type RtspRequest } from "./message.ts";

/** TEARDOWN is one of a server since RTSP 2.0 (RFC 7826, section 13.7.2). */
const KNOWN: ReadonlySet<string> = new Set([
  "OPTIONS",
  "ANNOUNCE",
  "REDIRECT",
  "GET_PARAMETER",
  "TEARDOWN",
]);

/** The answer to be sent. */
export function answerTo({ method, headers }: RtspRequest): string {
  const known = KNOWN.has(method);
  return formatResponse(known ? 200 : 501, known ? "OK" : "Not Implemented", [
    ["CSeq", headers.first("CSeq")],
    ["Session", headers.first("Session")],
    ["Public", method === "OPTIONS" ? [...KNOWN].join(", ") : undefined],
  ]);
}
