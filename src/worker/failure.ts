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
import { rtmpRefusal, rtspRefusal } from "./refusal.ts";
import { Unsupported } from "./unsupported.ts";

/** What a reader's codes are for a file that is written. */
const OF_FILES: ReadonlySet<StreamErrorCode> = new Set(["INVALID_DATA", "PERMISSION_DENIED"]);

/** Of schemes whose URL has the options of the protocol. */
export const WRONG_QUERY = "libav does not take one of the values in the query of its URL";

/** The words for a code that says less. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: "the system does not permit it",
  EADDRINUSE: "another program has the address already",
  EADDRNOTAVAIL: "this machine has no such address",
  EISDIR: "it is a directory",
  ELOOP: "its path leads in a circle",
  ENAMETOOLONG: "its name is too long",
  ENODEV: "this machine has no such network interface",
  ENOTDIR: "a part of its path is not a directory",
  ERANGE: "the value of an option is out of its range",
};

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
    const code = OF_FILES.has(fields.code) ? "WRITE_FAILED" : fields.code;
    return { ...fields, code, operation: "write" };
  }
  if (!(error instanceof CallError)) return fields;
  const direction = role === "write" ? "write" : "read";
  const refusal = rtmpRefusal(error, media, direction) ?? rtspRefusal(error, media, direction);
  if (refusal) return { ...fields, ...refusal };
  if (error.explanation) return fields;
  return role === "write" ? writerFields(fields, context) : fields;
}

/** What a reader's words would say wrongly of a writer. */
function writerFields(
  fields: StreamErrorFields,
  { media, codec, muxer }: FailureContext & { readonly role: "write" },
): StreamErrorFields {
  if (fields.code === "PROTOCOL_BLOCKED" && fields.detail === "EINVAL") {
    if (media.scheme === "udp" || media.scheme === "srt") {
      return { ...fields, code: "OPTION_UNKNOWN", reason: WRONG_QUERY };
    }
    return { ...fields, reason: `the format ${muxer} does not take this stream of ${codec}` };
  }
  if (fields.detail === "HTTP_OTHER_4XX") {
    return { ...fields, reason: `${REFUSES}; a usual cause is that it takes no streams there` };
  }
  const ofFile = media.path !== undefined && OF_FILES.has(fields.code);
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
  if (error instanceof Unsupported) {
    const reason = `the RTSP client of this package does not read ${error.message}; ` +
      `rtspClient: "libav" may`;
    return { code: "UNSUPPORTED_CODEC", operation: "open", url, reason };
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
  if (endsAtOnce(error)) return media.path === undefined ? "REFUSED" : "INVALID_DATA";
  return isTlsFailure(error, media)
    ? "TLS_FAILED"
    : codeOfAverror(error.detail, error.operation, media.rules.live !== "never");
}

/** Before there was anything. */
function endsAtOnce({ operation, detail }: CallError): boolean {
  return operation === "open" && detail === "EOF";
}

/** What says more than the code's own text. */
function reasonFor(
  code: StreamErrorCode,
  error: CallError,
  { hasCredentials, rules }: MediaUrl,
): string | undefined {
  const { detail, message: text } = error;
  if (endsAtOnce(error)) {
    return code === "REFUSED"
      ? "the server closed the connection without an answer"
      : "it ends before there is a stream";
  }
  if (detail !== undefined && Object.hasOwn(WORDS, detail)) return WORDS[detail];
  if (code === "END_OF_STREAM") return "the connection was lost";
  if (code === "OUT_OF_MEMORY") {
    return "what came has FFmpeg ask for more memory at once than 300 MB, or there is no more";
  }
  const answer = ANSWERS[detail ?? ""];
  if (answer) return hasCredentials ? answer.known ?? answer.unknown : answer.unknown;
  if (code === "PROTOCOL_BLOCKED" && detail === "EINVAL") {
    return "its container, or a protocol that it leads to, is not allowed for this URL";
  }
  const vague = detail === "INVALIDDATA" || (detail === "EIO" && rules.live === "open-ended") ||
    text.startsWith(UNNAMED);
  return code === "INVALID_DATA" && !vague ? lowerFirst(text) : undefined;
}

/** libav says no more than "I/O error" of a handshake or a certificate. */
function isTlsFailure(error: CallError, media: MediaUrl): boolean {
  return error.operation === "open" && error.detail === "EIO" &&
    media.rules.protocols.includes("tls") && media.scheme.endsWith("s");
}

/** Names of programs have more capitals, or a version behind them. */
const NAME = /^(?:[A-Z]{2}|\w+ \d)/;

/** Within a sentence; a name is written as it is. */
function lowerFirst(text: string): string {
  return NAME.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
