/**
 * Numbers about a stream.
 *
 * @module
 */

import type { Libraries } from "../core/connection/libraries.ts";
import type { LatencyMode } from "../core/shared/control_block.ts";

/** Numbers about a stream since it was started. */
export interface StreamStats {
  /** Frames that the decoder returned. */
  readonly decoded: number;
  /** Frames delivered to readers; a frame counts once for each reader. */
  readonly delivered: number;
  /** Frames that were not delivered, by cause. */
  readonly dropped: {
    /**
     * Replaced by a newer frame before any reader took them: the reader is slower than
     * the stream.
     */
    readonly unread: number;
    /** Every buffer was held or being written. */
    readonly noBuffer: number;
    /** Damaged, so that the decoder gave nothing out. */
    readonly corrupt: number;
    /** Packets before the first keyframe of a connection. */
    readonly beforeKeyframe: number;
    /** More than `maxFps` allows. */
    readonly maxFps: number;
    /** No reader needed them, with `convert: "on-demand"`. */
    readonly unwanted: number;
  };
  /** Video packets that were read. */
  readonly packets: number;
  /** Bytes of those packets. */
  readonly bytes: number;
  /**
   * Measured frames per second, by the stream's timestamps; on a live stream, by arrival
   * where those do not go as fast as the clock. Undefined before there are two frames.
   */
  readonly fps: number | undefined;
  /** Milliseconds from the end of the conversion to the reader; NaN before the first frame. */
  readonly handOver: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** How packets become frames, see the option `latency`. */
  readonly latency: {
    /**
     * `parser`: libav's own parser is used; `learning`: this package finds the ends of
     * frames, but keeps the parser's timing until its rules are confirmed; `early`:
     * frames are decoded as soon as they are complete; `ordinary`: the stream is not
     * suitable, the parser's timing is kept.
     */
    readonly mode: LatencyMode;
    /** Frames that were wrongly taken to be complete. */
    readonly wrongGuesses: number;
    /** How often `early` was given up, for a while. */
    readonly fallbacks: number;
  };
  /** How often a connection was given up because no frame was decoded. */
  readonly stalls: number;
  /** Attempts after the first one. */
  readonly reconnects: number;
  /** Milliseconds since `start()`; 0 before it. */
  readonly uptime: number;
  /** Version of the FFmpeg libraries in use; undefined before they were loaded. */
  readonly libav: string | undefined;
  /** Which libraries those are, and where they lie; undefined before they were loaded. */
  readonly libraries: Libraries | undefined;
}
