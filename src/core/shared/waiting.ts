/**
 * What a stream waits for while data flows and no frame is delivered.
 *
 * @module
 */

/**
 * - `keyframe`: the first frame that can be decoded without others: after the stream was
 *   joined, or with `decode.skip: "nonkey"`
 * - `undamaged frame`: packets were lost, or the decoder had to repair a frame; the next
 *   keyframe or recovery point ends it
 * - `clock`: the times in the stream stand still, so that `maxFps` leaves out every frame
 * - `buffer`: the program holds every frame buffer, or blocks its thread
 * - `frame`: packets arrive, and no frame comes out of the decoder
 */
export type Waiting = "keyframe" | "undamaged frame" | "clock" | "buffer" | "frame";

/** In the order of the numbers that the counter `waiting` has; 0: for nothing. */
export const WAITING: readonly (Waiting | undefined)[] = [
  undefined,
  "keyframe",
  "undamaged frame",
  "clock",
  "buffer",
  "frame",
];

/** Why frames were not delivered, as the log says it. */
export type DropCause = "before the first keyframe" | "damaged" | "no free buffer";
