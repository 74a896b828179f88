/**
 * Errors of the native room.
 *
 * @module
 */

/** One library file that was tried, and why it was not used. */
export interface LoadAttempt {
  readonly path: string;
  readonly reason: string;
}

/** FFmpeg's libraries cannot be used here. */
export class LibavError extends Error {
  override readonly name = "LibavError";

  readonly code: "LIBAV_NOT_FOUND" | "LIBAV_UNSUPPORTED";
  /** Every file that was tried, in order. */
  readonly attempts: readonly LoadAttempt[];

  constructor(
    code: "LIBAV_NOT_FOUND" | "LIBAV_UNSUPPORTED",
    message: string,
    attempts: readonly LoadAttempt[] = [],
  ) {
    super(message);
    this.code = code;
    this.attempts = attempts;
  }
}
