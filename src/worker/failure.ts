/**
 * What went wrong in a background thread, as plain fields that can be sent.
 *
 * @module
 */

import { LibavError } from "../../ffi/mod.ts";
import { CallError, SessionError } from "../av/check.ts";
import {
  codeOfAverror,
  type StreamErrorCode,
  type StreamErrorFields,
  type StreamOperation,
} from "../core/connection/errors.ts";
import { type MediaUrl, redactText, redactUrl } from "../core/connection/url.ts";
import { rtmpRefusal } from "./refusal.ts";

/** libav's own text is as good as ours for these only. */
const UNNAMED = "Error number";

const REFUSES = "the server refused the request: its status is one of 402 to 499, and FFmpeg " +
  "does not tell which";
const GIVE_THEM = "the options username and password give them";
/** What a status of HTTP or RTSP means: to a user who gave a name or password, and to another. */
const ANSWERS: Readonly<Record<string, { readonly known?: string; readonly unknown: string }>> = {
  HTTP_UNAUTHORIZED: {
    known: "user name or password not accepted",
    unknown: `the server asks for a user name and password; ${GIVE_THEM}`,
  },
  HTTP_FORBIDDEN: {
    known: "the server does not permit it to this user, or from this address",
    unknown: "the server does not permit it without a user name and password, or from this " +
      `address; ${GIVE_THEM}`,
  },
  HTTP_BAD_REQUEST: { unknown: "the server did not understand the request: its status is 400" },
  HTTP_OTHER_4XX: {
    unknown: `${REFUSES}; a usual cause is that all of its sessions are taken`,
  },
  HTTP_SERVER_ERROR: {
    unknown: "the server has failed: its status is one of 500 to 599, and FFmpeg does not tell " +
      "which; restart it if this lasts",
  },
};

/** Whose failure it is: the words depend on it. */
export type FailureContext =
  | { readonly media: MediaUrl; readonly role: "read" | "snapshot" | "record" }
  | {
    readonly media: MediaUrl;
    readonly role: "write";
    /** What is written, and into which container. */
    readonly codec: string;
    readonly muxer: string;
  };

/** Describes any error of a session. */
export function failureFields(error: unknown, context: FailureContext): StreamErrorFields {
  const { media, role } = context;
  const fields = commonFields(error, media, role === "record" ? "write" : role);
  if (role === "record") {
    const code = fields.code === "INVALID_DATA" ? "WRITE_FAILED" : fields.code;
    return { ...fields, code, operation: "write" };
  }
  if (!(error instanceof CallError)) return fields;
  const refusal = rtmpRefusal(error, media, role === "write" ? "write" : "read");
  if (refusal) return { ...fields, ...refusal };
  return role === "write" ? writerFields(fields, context) : fields;
}

/** What a reader's words would say wrongly of a writer. */
function writerFields(
  fields: StreamErrorFields,
  { media, codec, muxer }: FailureContext & { readonly role: "write" },
): StreamErrorFields {
  if (fields.code === "PROTOCOL_BLOCKED" && fields.detail === "EINVAL") {
    const reason = `the format ${muxer} does not take ${codec}, or a native option has a wrong ` +
      `value`;
    return { ...fields, reason };
  }
  if (fields.detail === "HTTP_OTHER_4XX") {
    return { ...fields, reason: `${REFUSES}; a usual cause is that it takes no streams there` };
  }
  const ofFile = media.path !== undefined && fields.code === "INVALID_DATA";
  return ofFile ? { ...fields, code: "WRITE_FAILED" } : fields;
}

/** `fallback` is what was being done. */
function commonFields(
  error: unknown,
  media: MediaUrl,
  fallback: StreamOperation,
): StreamErrorFields {
  const url = media.redacted;
  if (error instanceof CallError) {
    const { explanation } = error;
    const code = explanation?.code ?? codeOfCall(error, media);
    return {
      code,
      operation: error.operation,
      url,
      reason: explanation ? redactUrl(explanation.reason, media) : reasonFor(code, error, media),
      detail: error.detail ?? `libav error ${error.averror}`,
      averror: error.averror,
    };
  }
  if (error instanceof SessionError) {
    const reason = error.reason && redactUrl(error.reason, media);
    return { code: error.code, operation: error.operation, url, reason };
  }
  if (error instanceof LibavError) {
    return { code: error.code, operation: "load", url, reason: lowerFirst(error.message) };
  }
  const text = error instanceof Error ? error.message : String(error);
  return {
    code: "WORKER_DIED",
    operation: fallback,
    url,
    reason: lowerFirst(redactText(text, media)),
  };
}

function codeOfCall(error: CallError, media: MediaUrl): StreamErrorCode {
  return isTlsFailure(error, media)
    ? "TLS_FAILED"
    : codeOfAverror(error.detail, error.operation, media.rules.live !== "never");
}

/** What says more than the code's own text. */
function reasonFor(
  code: StreamErrorCode,
  { detail, message: text }: CallError,
  { hasCredentials }: MediaUrl,
): string | undefined {
  if (code === "END_OF_STREAM") return "the connection was lost";
  const answer = ANSWERS[detail ?? ""];
  if (answer) return hasCredentials ? answer.known ?? answer.unknown : answer.unknown;
  if (code === "PROTOCOL_BLOCKED" && detail === "EINVAL") {
    return "its container is not allowed for this URL, or a native option has a wrong value";
  }
  const vague = detail === "INVALIDDATA" || text.startsWith(UNNAMED);
  return code === "INVALID_DATA" && !vague ? lowerFirst(text) : undefined;
}

/** libav says no more than "I/O error" of a handshake or a certificate. */
function isTlsFailure(error: CallError, media: MediaUrl): boolean {
  return error.operation === "open" && error.detail === "EIO" &&
    media.rules.protocols.includes("tls") && media.scheme.endsWith("s");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
