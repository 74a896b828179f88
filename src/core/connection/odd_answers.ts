/**
 * What the answer of a server says about an attempt that has failed without a word.
 *
 * @module
 */

import type { StreamErrorCode } from "./errors.ts";

/** A code, and the words for it. */
export interface OddAnswer {
  readonly code: StreamErrorCode;
  readonly reason: string;
}

/** Of types that are no media; the rest of a header is not repeated. */
const PAGE = /^(?:text\/(?!vtt)|application\/(?:json|xml|xhtml\+xml|problem\+json)\b)[\w.+-]*/i;
const NOTHING: OddAnswer = {
  code: "REFUSED",
  reason: "the server closed the connection without an answer",
};

/**
 * The fault of an answer of RTSP; undefined where it has none.
 *
 * @param head with its first line; empty where nothing came
 */
export function oddRtspAnswer(
  head: string,
  method: "DESCRIBE" | "OPTIONS",
): OddAnswer | undefined {
  if (head === "") return NOTHING;
  if (!head.startsWith("RTSP/")) return stranger("RTSP", head);
  const location = header(head, "Location");
  const scheme = /^\w+(?=:)/.exec(location)?.[0].toLowerCase();
  if (status(head) === "3" && scheme !== undefined && !/^rtsps?$/.test(scheme)) {
    return blocked(scheme);
  }
  const isEmpty = status(head) === "2" && Number(header(head, "Content-Length")) === 0;
  if (method !== "DESCRIBE" || !isEmpty) return undefined;
  return { code: "INVALID_DATA", reason: "the server sent no description of the stream (SDP)" };
}

/** The fault of an answer to GET; undefined where it has none. */
export function oddHttpAnswer(head: string): OddAnswer | undefined {
  if (head === "") return NOTHING;
  if (!head.startsWith("HTTP/")) return stranger("HTTP", head);
  if (status(head) !== "3") return undefined;
  const scheme = /^\w+(?=:\/)/.exec(header(head, "Location"))?.[0].toLowerCase();
  if (scheme !== undefined && !/^https?$/.test(scheme)) return blocked(scheme);
  return { code: "INVALID_DATA", reason: "the server redirects, and that leads to no stream" };
}

/** What was sent in the place of a stream; undefined where its type does not tell. */
export function oddContent(contentType: string): OddAnswer | undefined {
  const type = PAGE.exec(contentType)?.[0].toLowerCase();
  if (type === undefined) return undefined;
  const reason = `the server sent no video but a text (${type}), such as a page to log in or an ` +
    `error: open the URL in a browser`;
  return { code: "INVALID_DATA", reason };
}

function stranger(wanted: "RTSP" | "HTTP", head: string): OddAnswer {
  const other = /^(RTSP|HTTP)\//.exec(head)?.[1];
  const hint = other === undefined ? "" : `, but one of ${other}`;
  return { code: "INVALID_DATA", reason: `what answers is not a server of ${wanted}${hint}` };
}

function blocked(scheme: string): OddAnswer {
  return {
    code: "PROTOCOL_BLOCKED",
    reason: `the server redirects to "${scheme}", which is not allowed for this URL`,
  };
}

/** The first digit. */
function status(head: string): string {
  return /^\S+ (\d)/.exec(head)?.[1] ?? "";
}

function header(head: string, name: string): string {
  return new RegExp(`^${name}:[ \t]*([^\r\n]*)`, "im").exec(head)?.[1] ?? "";
}
