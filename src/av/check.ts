/**
 * libav return codes as errors.
 *
 * @module
 */

import { averrorName, type Libav, nativeBytes } from "../../ffi/mod.ts";
import type { StreamErrorCode, StreamOperation } from "../core/connection/errors.ts";

/** A libav call failed; the session makes a `StreamError` of it. */
export class CallError extends Error {
  override readonly name = "CallError";

  readonly operation: StreamOperation;
  readonly averror: number;
  /** `"ECONNREFUSED"`, `"INVALIDDATA"`; undefined for a code without a name. */
  readonly detail: string | undefined;
  /** What is known of the cause, beyond libav's code. */
  readonly explanation: Explanation | undefined;

  constructor(
    operation: StreamOperation,
    averror: number,
    detail: string | undefined,
    message: string,
    explanation?: Explanation,
  ) {
    super(message);
    this.operation = operation;
    this.averror = averror;
    this.detail = detail;
    this.explanation = explanation;
  }

  /** The same failure, with its cause. */
  explained(explanation: Explanation): CallError {
    const { operation, averror, detail, message } = this;
    return new CallError(operation, averror, detail, message, explanation);
  }
}

/** Takes the place of the code and the words that libav's own code stands for. */
export interface Explanation {
  readonly code: StreamErrorCode;
  readonly reason: string;
}

/** Something is wrong that no libav call said; the session makes a `StreamError` of it. */
export class SessionError extends Error {
  override readonly name = "SessionError";

  readonly operation: StreamOperation;
  readonly code: StreamErrorCode;
  readonly reason?: string | undefined;

  constructor(
    operation: StreamOperation,
    code: StreamErrorCode,
    reason?: string,
  ) {
    super(reason ?? code);
    this.operation = operation;
    this.code = code;
    this.reason = reason;
  }
}

/**
 * Passes a return code on, or throws when it is negative.
 *
 * @throws {CallError}
 */
export function check(libav: Libav, code: number, operation: StreamOperation): number {
  if (code >= 0) return code;
  throw new CallError(
    operation,
    code,
    averrorName(code, libav.backend.platform.os),
    errorText(libav, code),
  );
}

/** `av_strerror`. */
export function errorText(libav: Libav, code: number): string {
  const text = nativeBytes(128);
  libav.symbols.av_strerror(code, text, BigInt(text.length));
  return new TextDecoder().decode(text.subarray(0, text.indexOf(0)));
}

/** libav or libc has given none. */
export function outOfMemory(what: string): SessionError {
  return new SessionError("open", "OUT_OF_MEMORY", `there is no memory for ${what}`);
}
