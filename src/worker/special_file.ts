/**
 * What looks like a file and may hold up for ever whoever opens it. libav opens, reads and
 * writes files in calls that hear of no stop, and a thread that is left in such a call keeps
 * the process from ending.
 *
 * @module
 */

import { findFile, type FoundFile, type Libav } from "../../ffi/mod.ts";
import { SessionError } from "../av/check.ts";

const WORDS: Readonly<Partial<Record<FoundFile["kind"], string>>> = {
  pipe: "a pipe (FIFO)",
  device: "a device",
  socket: "a socket",
};

/**
 * Refuses what is not a regular file. A program that names the container knows what it
 * gives, and is not asked.
 *
 * @throws {SessionError} `PROTOCOL_BLOCKED`; `INVALID_DATA` for a file without a byte
 */
export function assertReadable(libav: Libav, path: string): void {
  const found = findFile(libav.backend, path);
  const words = found && WORDS[found.kind];
  if (words) throw refused("PROTOCOL_BLOCKED", words, "that waits for data", "reads it");
  if (found?.kind !== "file" || found.byteLength > 0) return;
  const reason = "the file is empty, or the system makes it while it is read, as in /proc";
  throw new SessionError("open", "INVALID_DATA", reason);
}

/**
 * As `assertReadable`, of what is written to.
 *
 * @throws {SessionError} `WRITE_FAILED`
 */
export function assertWritable(libav: Libav, path: string): void {
  const found = findFile(libav.backend, path);
  const words = found && WORDS[found.kind];
  if (words) throw refused("WRITE_FAILED", words, "that waits for a reader", "writes to it");
}

/** What is at a path, in words, where it is no regular file; undefined for one, or for nothing. */
export function otherThanFile(libav: Libav, path: string): string | undefined {
  const kind = findFile(libav.backend, path)?.kind;
  return kind === "directory" ? "a directory" : kind && WORDS[kind];
}

/** Whether there is nothing at a path that holds up whoever writes to it. */
export function isPlainFile(libav: Libav, path: string): boolean {
  const found = findFile(libav.backend, path);
  return found === undefined || found.kind === "file";
}

function refused(
  code: "PROTOCOL_BLOCKED" | "WRITE_FAILED",
  what: string,
  wait: string,
  use: string,
): SessionError {
  const reason = `it is ${what} and not a file, and a call ${wait} there cannot be stopped; ` +
    `the option container, with the name of what is in it, ${use} all the same`;
  return new SessionError("open", code, reason);
}
