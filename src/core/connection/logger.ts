/**
 * What a logger must be able to do.
 *
 * @module
 */

/** `console`, a LogTape or @std/log logger, or anything of that shape. */
export interface Logger {
  /** Every attempt. */
  debug(message: string): void;
  /** Changes of the state. */
  info(message: string): void;
  /** A connection was lost. */
  warn(message: string): void;
  /** The stream has failed, or a callback threw. */
  error(message: string): void;
}
