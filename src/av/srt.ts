/**
 * What libsrt knows of a connection that was not made. libav says no more than "I/O error".
 *
 * @module
 */

import { type Libav, openSrt } from "../../ffi/mod.ts";
import { CallError, SessionError } from "./check.ts";

/** `SRT_ENOSERVER` and `SRT_ETIMEOUT` of srt.h. */
const UNANSWERED: ReadonlySet<number> = new Set([1001, 6003]);
/** `SRT_EINVPARAM` and others, `CodeMajor::NOTSUP`: it was not even tried. */
const NOT_SUPPORTED = 5;

/** Before libsrt is used: it must not print. */
export function silenceSrt(libav: Libav, url: string): void {
  if (isSrt(url)) openSrt(libav.backend, libav.paths.avformat);
}

/** Says more about a URL that could not be opened, where more is known; to be called at once. */
export function explainSrt(libav: Libav, url: string, error: unknown): unknown {
  if (!isSrt(url) || !(error instanceof CallError)) return error;
  if (error.detail !== "EIO" && error.detail !== "UNKNOWN") return error;
  const number = openSrt(libav.backend, libav.paths.avformat)?.lastError() ?? 0;
  if (UNANSWERED.has(number)) {
    return new SessionError("open", "OPEN_TIMEOUT", "timed out, no SRT server answered");
  }
  if (Math.floor(number / 1_000) === NOT_SUPPORTED) {
    const reason = "libsrt does not take the value of an option (a passphrase has 10 to 79 " +
      "characters)";
    return new SessionError("open", "OPTION_UNKNOWN", reason);
  }
  const reason = "the SRT server refused the connection, and FFmpeg does not pass its reason on; " +
    "usual causes: a wrong or missing passphrase, or a streamid that the server does not take";
  return new SessionError("open", "REFUSED", reason);
}

function isSrt(url: string): boolean {
  return url.startsWith("srt:");
}
