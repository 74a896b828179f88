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
const HEAD_END = "\r\n\r\n";
/** So much of an answer is looked at, in bytes. */
const LONGEST_ANSWER = 64 * 1024;
const NOTHING: OddAnswer = {
  code: "REFUSED",
  reason: "the server closed the connection without an answer",
};

/**
 * The fault in the head of an answer of RTSP; undefined where it has none.
 *
 * @param head with its first line; empty where nothing came
 */
export function oddRtspAnswer(head: string): OddAnswer | undefined {
  if (head === "") return NOTHING;
  if (!head.startsWith("RTSP/")) return stranger("RTSP", head);
  const location = header(head, "Location");
  const scheme = /^\w+(?=:)/.exec(location)?.[0].toLowerCase();
  if (status(head) === "3" && scheme !== undefined && !/^rtsps?$/.test(scheme)) {
    return blocked(scheme);
  }
  return undefined;
}

/**
 * The fault of the description (SDP) in an answer to DESCRIBE that grants it; undefined where
 * all of it came.
 *
 * @param answer of a longer one, the beginning
 * @param largest bytes that FFmpeg has memory for
 */
export function oddDescription(answer: string, largest: number): OddAnswer | undefined {
  const { ended, announced, body } = describedIn(answer);
  if (!ended) return invalid("the head of the server's answer does not end");
  if (announced === undefined) {
    return invalid(
      "the server sent no description of the stream (SDP), or does not say by a " +
        "Content-Length how long it is",
    );
  }
  if (announced === 0) return invalid("the server sent no description of the stream (SDP)");
  const described = `a description of the stream (SDP) of ${announced} bytes`;
  if (announced > largest) {
    return invalid(`the server announces ${described}, and FFmpeg gets no more than ${largest}`);
  }
  if (body >= announced || answer.length >= LONGEST_ANSWER) return undefined;
  return invalid(`the server announces ${described}, and sends ${body} of them`);
}

/**
 * Whether an answer is all there, or as much of it as is looked at.
 *
 * @param largest bytes that FFmpeg has memory for: more are not waited for
 */
export function isAnswered(answer: string, largest: number): boolean {
  const { ended, announced = 0, body } = describedIn(answer);
  return answer.length >= LONGEST_ANSWER || ended && (body >= announced || announced > largest);
}

/** Whether the head of an answer is all there, or as much of it as is looked at. */
export function isHeadOver(answer: string): boolean {
  return answer.length >= LONGEST_ANSWER || answer.includes(HEAD_END);
}

/** How much of an answer has come, in bytes; `announced` is undefined where there is no such. */
function describedIn(
  answer: string,
): { readonly ended: boolean; readonly announced: number | undefined; readonly body: number } {
  const end = answer.indexOf(HEAD_END);
  const head = end === -1 ? answer : answer.slice(0, end);
  const length = header(head, "Content-Length").trim();
  return {
    ended: end !== -1,
    announced: /^\d+$/.test(length) ? Number(length) : undefined,
    body: end === -1 ? 0 : answer.length - end - HEAD_END.length,
  };
}

function invalid(reason: string): OddAnswer {
  return { code: "INVALID_DATA", reason };
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
