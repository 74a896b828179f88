/**
 * What went wrong in a background thread, as plain fields that can be sent.
 *
 * @module
 */

import { LibavError } from "../../ffi/mod.ts";
import { CallError, SessionError } from "../av/check.ts";
import { codeOfAverror, type StreamErrorFields, type StreamOperation } from "../core/errors.ts";
import { type MediaUrl, redactText } from "../core/url.ts";

/** libav's own text is as good as ours for these only. */
const UNNAMED = "Error number";

/** Describes any error of a session; `fallback` is what was being done. */
export function failureFields(
  error: unknown,
  media: MediaUrl,
  fallback: StreamOperation,
): StreamErrorFields {
  const url = media.redacted;
  if (error instanceof CallError) {
    const code = isTlsFailure(error, media)
      ? "TLS_FAILED"
      : codeOfAverror(error.detail, error.operation, media.rules.live !== "never");
    const text = redactText(error.message, media);
    return {
      code,
      operation: error.operation,
      url,
      // "Invalid data found" says less than the code's own text.
      reason: code === "INVALID_DATA" && error.detail !== "INVALIDDATA" && !text.startsWith(UNNAMED)
        ? lowerFirst(text)
        : code === "END_OF_STREAM"
        ? "the connection was lost"
        : undefined,
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

/** libav says no more than "I/O error" of a handshake or a certificate. */
function isTlsFailure(error: CallError, media: MediaUrl): boolean {
  return error.operation === "open" && error.detail === "EIO" &&
    media.rules.protocols.includes("tls") && media.scheme.endsWith("s");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
