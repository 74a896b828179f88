/**
 * Numbers about a recording.
 *
 * @module
 */

/** Numbers about a recording, as of the last second. */
export interface RecordingStats {
  /** Packets in its files; one packet is one frame. */
  readonly packets: number;
  /** Bytes of those packets. */
  readonly bytes: number;
  /**
   * Those of them whose own time made no sense: it was missing, stood still or was far
   * away. They have one that follows from their arrival.
   */
  readonly mendedTimes: number;
  /**
   * Packets that are in no file, because they came before a keyframe, or were so damaged
   * that the container did not take them.
   */
  readonly skipped: number;
}

/** Of a recording that has not begun. */
export const NOTHING_RECORDED: RecordingStats = {
  packets: 0,
  bytes: 0,
  mendedTimes: 0,
  skipped: 0,
};
