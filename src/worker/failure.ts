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
import { type MediaUrl, redactText } from "../core/connection/url.ts";
import { rtmpRefusal } from "./refusal.ts";

/** libav's own text is as good as ours for these only. */
const UNNAMED = "Error number";

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
    const text = redactText(error.message, media);
    return {
      code,
      operation: error.operation,
      url,
      reason: explanation ? redactText(explanation.reason, media) : reasonFor(code, error, text),
      detail: error.detail ?? `libav error ${error.averror}`,
      averror: error.averror,
    };
  }
  if (error instanceof SessionError) {
    const reason = error.reason && redactText(error.reason, media);
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
function reasonFor(code: StreamErrorCode, { detail }: CallError, text: string): string | undefined {
  if (code === "END_OF_STREAM") return "the connection was lost";
  if (code === "REFUSED" && detail?.startsWith("HTTP_")) return "the server refused the request";
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
