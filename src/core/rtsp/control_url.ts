/**
 * The URLs with which a media, or all of them, are controlled (RFC 2326, section C.1.1).
 *
 * @module
 */

import type { HeaderFields } from "./header_fields.ts";
import { requestUrl } from "./request_url.ts";

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * What the controls of a description are relative to: `Content-Base`, `Content-Location`, else the
 * URL that was asked.
 */
export function baseUrl(headers: HeaderFields, asked: string): string {
  for (const name of ["Content-Base", "Content-Location"]) {
    const value = requestUrl(headers.first(name) ?? "");
    if (ABSOLUTE.test(value)) return value;
    // The path alone, on the same server.
    if (/^\/(?!\/)/.test(value)) return `${/^[^:]+:\/\/[^/?#]*/.exec(asked)?.[0] ?? ""}${value}`;
  }
  return asked;
}

/** The URL for all media together, and what the controls of each are relative to. */
export function controlsOf(base: string, session: string | undefined): Controls {
  const aggregate = controlUrl(base, session);
  return { aggregate, base: ABSOLUTE.test(session ?? "") ? aggregate : base };
}

export interface Controls {
  readonly aggregate: string;
  readonly base: string;
}

/**
 * The base and the control, one behind the other, as libavformat and live555 do it: by the rules
 * for relative URLs a base without a slash at its end would lose its last part, and one with a
 * query all of it, which no server of the field means.
 *
 * @param control `*`, nothing or undefined: the base itself
 */
export function controlUrl(base: string, control: string | undefined): string {
  const text = requestUrl(control ?? "");
  if (text === "" || text === "*") return base;
  if (ABSOLUTE.test(text)) return text;
  const separator = base.endsWith("/") || /^[/?]/.test(text) ? "" : "/";
  return `${base}${separator}${text}`;
}
