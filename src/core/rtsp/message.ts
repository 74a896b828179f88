/**
 * The messages of RTSP 1.0 (RFC 2326, sections 4, 6 and 7), as they are written and read.
 *
 * @module
 */

import { HeaderFields } from "./header_fields.ts";

/** Of a server, or the answer of ours to one of its requests. */
export interface RtspResponse {
  readonly type: "response";
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: string;
}

/** A server may ask its client as well (RFC 2326, section 10). */
export interface RtspRequest {
  readonly type: "request";
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderFields;
  readonly body: string;
}

export type RtspMessage = RtspResponse | RtspRequest;

/** A message whose body has not come yet. */
export type MessageHead = Omit<RtspResponse, "body"> | Omit<RtspRequest, "body">;

/** Name and value of a field; one whose value is undefined is not written. */
export type Field = readonly [name: string, value: string | undefined];

/** RFC 2326, section 7.1; the phrase may be missing, and the version may be 2.0 (RFC 7826). */
const STATUS_LINE = /^RTSP\/\d\.\d[ \t]+(\d{3})(?:[ \t].*)?$/;
/** RFC 2326, section 6.1. */
const REQUEST_LINE = /^([A-Z_]+)[ \t]+(\S+)[ \t]+RTSP\/\d\.\d[ \t]*$/;

/** Whether a message can begin with this line. */
export function isFirstLine(line: string): boolean {
  return STATUS_LINE.test(line) || REQUEST_LINE.test(line);
}

/**
 * Reads all that comes before the body.
 *
 * @param head may have line feeds alone as ends of its lines
 * @returns undefined when its first line is not of RTSP
 */
export function parseHead(head: string): MessageHead | undefined {
  const [first = ""] = /^[^\r\n]*/.exec(head) ?? [];
  const headers = new HeaderFields(head.slice(first.length));
  const status = STATUS_LINE.exec(first)?.[1];
  if (status !== undefined) return { type: "response", status: Number(status), headers };
  const [, method, url] = REQUEST_LINE.exec(first) ?? [];
  return method === undefined || url === undefined
    ? undefined
    : { type: "request", method, url, headers };
}

/** Bytes of the body; 0 where the field is missing or no number (RFC 2326, section 12.14). */
export function bodyLength({ headers }: MessageHead): number {
  const value = headers.first("Content-Length") ?? "";
  return /^\d+$/.test(value) ? Number(value) : 0;
}

/** A request without a body. */
export function formatRequest(method: string, url: string, fields: readonly Field[]): string {
  return format(`${method} ${url} RTSP/1.0`, fields);
}

/** An answer without a body. */
export function formatResponse(status: number, phrase: string, fields: readonly Field[]): string {
  return format(`RTSP/1.0 ${status} ${phrase}`, fields);
}

function format(first: string, fields: readonly Field[]): string {
  const lines = fields.filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`);
  // What the server told is repeated here, and must not become a line of its own.
  return [first, ...lines].map((line) => `${line.replace(/\p{Cc}+/gu, " ")}\r\n`).join("") + "\r\n";
}
