/**
 * libsrt, which libavformat has loaded.
 *
 * @module
 */

import type { FfiBackend } from "../backend/types.ts";
import { srt } from "../symbols/srt.ts";

/** What this thread's last call of libsrt has left behind, whoever made it. */
export interface Srt {
  /** libsrt's number of the last error in this thread; 0: none. */
  lastError(): number;
}

/** Below the lowest level that it knows, which is `LOG_CRIT`. */
const SILENT = 0;

let found: Srt | null | undefined;

/**
 * Finds libsrt among the libraries that libavformat needs, and makes it silent: it prints
 * to stderr past every logger.
 *
 * @param avformat the file of libavformat
 * @returns undefined where there is none, and where the system's loader does not look for
 * a function in the libraries that a library needs (Windows)
 */
export function openSrt(backend: FfiBackend, avformat: string): Srt | undefined {
  if (found === undefined) found = load(backend, avformat);
  return found ?? undefined;
}

function load(backend: FfiBackend, avformat: string): Srt | null {
  try {
    const { symbols } = backend.open(avformat, srt);
    symbols.srt_setloglevel(SILENT);
    return { lastError: () => symbols.srt_getlasterror(null) };
  } catch {
    return null;
  }
}
