/**
 * Numbers about a stream.
 *
 * @module
 */

import type { Libraries } from "../core/connection/libraries.ts";
import type { RtspTransport } from "../core/connection/rtsp_transport.ts";
import type { Track } from "../core/connection/track.ts";
import {
  type ControlBlock,
  LATENCY_MODES,
  type LatencyMode,
} from "../core/shared/control_block.ts";
import type { ReadCounter, ReadTotal } from "../core/shared/counters.ts";
import { WAITING, type Waiting } from "../core/shared/waiting.ts";
import { now } from "../core/timing/clock.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { OpenedStream } from "../thread/read_protocol.ts";
import type { HandOver } from "./frame_source.ts";

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
    /**
     * Withheld because packets were lost or the decoder had to repair something: the
     * damaged frame, and those after it up to the next keyframe or recovery point.
     */
    readonly corrupt: number;
    /** Frames before the first keyframe of a connection, which were not decoded. */
    readonly beforeKeyframe: number;
    /** More than `maxFps` allows. */
    readonly maxFps: number;
    /** No reader needed them, with `convert: "on-demand"`. */
    readonly unwanted: number;
  };
  /** How often something was seen to be missing in what the network delivered. */
  readonly losses: number;
  /** Packets of RTP; 0 where libavformat reads, which does not tell them. */
  readonly rtp: {
    /** Never came, by their sequence numbers. */
    readonly lost: number;
    /** Came after a later one, and were put into their place (UDP). */
    readonly reordered: number;
    /** Came twice, or too late. */
    readonly late: number;
  };
  /** How an RTSP stream is read; undefined for other streams, and before it was opened. */
  readonly transport: RtspTransport | undefined;
  /**
   * What the stream waits for if data flows and the newest frame was not delivered;
   * undefined while frames are delivered. See also the event `waiting` of `status()`.
   */
  readonly waiting: Waiting | undefined;
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
  /**
   * The tracks of the connection, or of the last one there was; empty before that. Of an
   * RTSP server only video is asked for.
   */
  readonly tracks: readonly Track[];
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

/** What the numbers are taken from. */
export interface StatsSources {
  readonly totals: Readonly<Record<ReadTotal, number>>;
  readonly control: ControlBlock<ReadCounter>;
  readonly handOver: HandOver;
  readonly life: Lifecycle;
  readonly fps: number | undefined;
  /** The connection, or the last one that there was. */
  readonly opened: OpenedStream | undefined;
  readonly transport: RtspTransport | undefined;
}

/** The numbers as they are now. */
export function streamStats(sources: StatsSources): StreamStats {
  const { totals, control, handOver, life, fps, opened, transport } = sources;
  const { delivered, unread, latency } = handOver;
  const { startTime, libraries } = life;
  return {
    decoded: totals.decoded,
    delivered,
    dropped: {
      unread: totals.droppedUnread + unread,
      noBuffer: totals.droppedNoBuffer,
      corrupt: totals.droppedCorrupt,
      beforeKeyframe: totals.droppedBeforeKeyframe,
      maxFps: totals.droppedMaxFps,
      unwanted: totals.droppedUnwanted,
    },
    losses: totals.losses,
    rtp: {
      lost: totals.packetsLost,
      reordered: totals.packetsReordered,
      late: totals.packetsLate,
    },
    transport,
    waiting: WAITING[control.get("waiting")],
    packets: totals.packets,
    bytes: totals.bytes,
    fps,
    handOver: latency,
    latency: {
      mode: LATENCY_MODES[control.get("latencyMode")]!,
      wrongGuesses: control.get("wrongGuesses"),
      fallbacks: control.get("fallbacks"),
    },
    tracks: opened?.tracks ?? [],
    stalls: life.stalls,
    reconnects: life.reconnectCount,
    uptime: startTime === undefined ? 0 : now() - startTime,
    libav: libraries?.version,
    libraries,
  };
}
