/**
 * Options of reading a frame.
 *
 * @module
 */

import { abortSignal, type FieldsOf, resolve, type Resolved } from "./fields.ts";
import { checkTimeLimit } from "./validate.ts";

/** Options of {@linkcode VideoStream.read}. */
export interface ReadOptions {
  /** A frame that is older, in milliseconds since its arrival, is not returned. */
  readonly maxAge?: number;
}

/** Options of {@linkcode VideoStream.next}. */
export interface NextOptions {
  /**
   * Milliseconds to wait at most.
   * @default Infinity
   */
  readonly timeout?: number;
  /** Ends the wait; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options of {@linkcode VideoStream.frames}. */
export interface FramesOptions {
  /** Ends the loop without an error. */
  readonly signal?: AbortSignal;
}

const READ_FIELDS = { maxAge: checkTimeLimit } satisfies FieldsOf<ReadOptions>;
const NEXT_FIELDS = {
  timeout: checkTimeLimit,
  signal: abortSignal,
} satisfies FieldsOf<NextOptions>;
const FRAMES_FIELDS = { signal: abortSignal } satisfies FieldsOf<FramesOptions>;

export function resolveRead(options?: ReadOptions): Resolved<typeof READ_FIELDS> {
  return resolve("read", options, READ_FIELDS);
}

export function resolveNext(options?: NextOptions): Resolved<typeof NEXT_FIELDS> {
  return resolve("next", options, NEXT_FIELDS);
}

/** @param method The name of the loop: a group's is another. */
export function resolveFrames(
  method: "frames" | "sets",
  options?: FramesOptions,
): Resolved<typeof FRAMES_FIELDS> {
  return resolve(method, options, FRAMES_FIELDS);
}
