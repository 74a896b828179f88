/**
 * Options of reading a frame.
 *
 * @module
 */

import { abortSignal, type FieldsOf } from "./fields.ts";
import { checkTimeLimit } from "./validate.ts";

/** Options of {@linkcode VideoStream.read}. */
export interface ReadOptions {
  /** A frame that is older, in milliseconds since its arrival, is not returned. */
  readonly maxAge?: number | undefined;
}

/** Options of {@linkcode VideoStream.next}. */
export interface NextOptions {
  /**
   * Milliseconds to wait at most.
   * @default Infinity
   */
  readonly timeout?: number | undefined;
  /** Ends the wait; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@linkcode VideoStream.frames}. */
export interface FramesOptions {
  /** Ends the loop without an error. */
  readonly signal?: AbortSignal | undefined;
}

export const READ_FIELDS = { maxAge: checkTimeLimit } satisfies FieldsOf<ReadOptions>;
export const NEXT_FIELDS = {
  timeout: checkTimeLimit,
  signal: abortSignal,
} satisfies FieldsOf<NextOptions>;
export const FRAMES_FIELDS = { signal: abortSignal } satisfies FieldsOf<FramesOptions>;
