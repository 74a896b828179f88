/**
 * What a logger must be able to do.
 *
 * @module
 */

/** `console`, a LogTape or @std/log logger, or anything of that shape. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
