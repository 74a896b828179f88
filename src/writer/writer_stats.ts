/**
 * Numbers about a writer.
 *
 * @module
 */

import type { Libraries } from "../core/connection/libraries.ts";

/** Numbers about a writer since its first frame. */
export interface WriterStats {
  /** Frames that were encoded and sent. */
  readonly written: number;
  /** Frames that were not, by cause. */
  readonly dropped: {
    /** A newer frame took their place in the full queue. */
    readonly replaced: number;
    /** `write()` returned false: the queue was full. */
    readonly refused: number;
    /** The connection was lost while they were sent. */
    readonly lost: number;
  };
  /** Packets that were sent. */
  readonly packets: number;
  /** Bytes of those packets, without the container's. */
  readonly bytes: number;
  /** Bits per second over the last second or so; undefined before that. */
  readonly bitrate: number | undefined;
  /** Frames in the queue, the one that is being encoded included. */
  readonly queue: number;
  /** Attempts after the first one. */
  readonly reconnects: number;
  /** Milliseconds since the writer was started; 0 before that. */
  readonly uptime: number;
  /** libav's name of the encoder in use; undefined before the first connection. */
  readonly encoder: string | undefined;
  /** Version of the FFmpeg libraries in use; undefined before they were loaded. */
  readonly libav: string | undefined;
  /** Which libraries those are, and where they lie; undefined before they were loaded. */
  readonly libraries: Libraries | undefined;
}
