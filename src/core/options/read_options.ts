/**
 * Options of reading a frame.
 *
 * @module
 */

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
