/**
 * Why a session with an RTSP server failed, as the errors that libav's would be.
 *
 * @module
 */

import { AVERROR, averror, type ErrnoName, type Libav } from "../../../ffi/mod.ts";
import { CallError, SessionError } from "../../av/check.ts";
import type { StreamOperation } from "../../core/connection/errors.ts";
import type { MediaUrl } from "../../core/connection/url.ts";
import type { RtspFault } from "../../core/rtsp/fault.ts";
import { runtime } from "../../runtime/mod.ts";
import { noHost } from "../host_lookup.ts";
import type { ConnectionFailure } from "./rtsp_connection.ts";

const CLOSED = "the server closed the connection without an answer";

/** In the words of a runtime that does not permit a connection. */
const MISSING_FLAG = /--allow-[a-z]+/;

/** A connection that could not be made, or has ended. */
export function connectionFailure(
  libav: Libav,
  media: MediaUrl,
  operation: StreamOperation,
  failure: ConnectionFailure | undefined,
): CallError | SessionError {
  if (!failure) {
    return operation === "open"
      ? new SessionError("open", "REFUSED", CLOSED)
      : new SessionError("read", "END_OF_STREAM", "the connection was closed");
  }
  const { code, message, isTls } = failure;
  const flag = missingFlag(media, failure);
  if (flag !== undefined) {
    const reason = `the connection is not permitted: run the program with ${flag}`;
    return new SessionError(operation, "PERMISSION_DENIED", reason);
  }
  if (isTls) return new SessionError("open", "TLS_FAILED", tlsReason(code, message));
  if (/^(ENOTFOUND|ENODATA|EAI_[A-Z]+)$/.test(code ?? "")) return noHost(media, code!);
  const number = averror(code as ErrnoName, libav.backend.platform.os);
  // One that is not in the table.
  if (Number.isNaN(number)) return new CallError(operation, AVERROR.UNKNOWN, code, message);
  return new CallError(operation, number, code, message);
}

function missingFlag({ host = "" }: MediaUrl, failure: ConnectionFailure): string | undefined {
  const [flag] = MISSING_FLAG.exec(failure.message) ?? [];
  // Of a look-up it is not said in words.
  const mayNotLookUp = failure.code === "EPERM" && !runtime.mayLookUp(host);
  return mayNotLookUp ? "--allow-net" : flag;
}

function tlsReason(code: string | undefined, message: string): string {
  const certificate = /CERT|SELF_SIGNED|ALTNAME|ISSUER|VERIFY|UnknownIssuer|certificate/i;
  if (!certificate.test(`${code} ${message}`)) return "the TLS handshake failed";
  return "the server's certificate was not accepted: the options tls.caFile and tls.serverName " +
    "name a file of authorities and the name that it is made for; tls.verify: false accepts " +
    "any certificate";
}

/** A server that takes none of the transports that it was asked for. */
export function transportFailure(libav: Libav, transport: string): CallError {
  const reason = transport === "auto"
    ? "the server refuses to send over TCP and over UDP"
    : `the server refuses the transport "${transport}"; "auto" takes TCP or UDP, as the server can`;
  const number = averror("EPROTONOSUPPORT", libav.backend.platform.os);
  return new CallError("open", number, "EPROTONOSUPPORT", reason)
    .explained({ code: "REFUSED", reason });
}

/** What the status of an answer means, by libav's names. */
const DETAILS: Readonly<Record<number, keyof typeof AVERROR>> = {
  400: "HTTP_BAD_REQUEST",
  401: "HTTP_UNAUTHORIZED",
  403: "HTTP_FORBIDDEN",
  404: "HTTP_NOT_FOUND",
};

/** A fault of the conversation. */
export function faultFailure(fault: RtspFault): CallError | SessionError {
  const { kind, status, message, method } = fault;
  switch (kind) {
    case "auth":
      return answer("HTTP_UNAUTHORIZED", message);
    case "auth-way":
      return answer("HTTP_UNAUTHORIZED", message)
        .explained({ code: "AUTH_FAILED", reason: message });
    case "status": {
      const known = DETAILS[status ?? 0];
      if (known !== undefined) return answer(known, message);
      const detail = (status ?? 0) >= 500 ? "HTTP_SERVER_ERROR" : "HTTP_OTHER_4XX";
      const busy = status === 453 ? "; usually because all of its sessions are taken" : "";
      return answer(detail, message).explained({
        code: "REFUSED",
        reason: `the server refused ${method}: its status is ${status}${busy}`,
      });
    }
    case "transport":
    case "redirect":
      return new SessionError(
        "open",
        kind === "redirect" ? "PROTOCOL_BLOCKED" : "REFUSED",
        message,
      );
    case "description":
    case "not-rtsp":
    case "too-large":
      return new SessionError("open", "INVALID_DATA", message);
    case "timeout":
      return new SessionError("open", "OPEN_TIMEOUT", message);
    case "session-lost":
    case "ended":
      return new SessionError("read", "END_OF_STREAM", message);
  }
}

function answer(detail: keyof typeof AVERROR, text: string): CallError {
  return new CallError("open", AVERROR[detail], detail, text);
}
