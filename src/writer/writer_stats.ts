/**
 * Numbers about a writer.
 *
 * @module
 */

import type { Libraries } from "../core/connection/libraries.ts";
import { now } from "../core/timing/clock.ts";
import type { WriteConnector } from "./write_connector.ts";

/** Numbers about a writer since its first frame. */
export interface WriterStats {
  /** Frames that were encoded and sent. */
  readonly written: number;
  /** Frames that were not, by cause. */
  readonly dropped: {
    /** A newer frame took their place: the queue was full, or they had waited too long. */
    readonly replaced: number;
    /** `write()` returned false: the queue was full. */
    readonly refused: number;
    /** The connection was lost while they were sent. */
    readonly lost: number;
  };
  /**
   * What was sent over TCP (RTMP, RTSP), and is still on its way: not acknowledged by the
   * server's system. Known on Linux, elsewhere all 0.
   */
  readonly unsent: {
    readonly bytes: number;
    /** Milliseconds since the oldest of these bytes was sent; 0 when there are none. */
    readonly age: number;
    /**
     * Those of `dropped.replaced` that waited for the server, which takes less than is
     * sent: a frame waits while `age` is more than half a second. The others waited for the
     * encoder or a connection.
     */
    readonly replaced: number;
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

/** The numbers of now; `accepted` counts the frames that `write()` has taken. */
export function writerStats(
  { totals, queue, stream, control }: WriteConnector,
  accepted: number,
  { startTime, reconnectCount, libraries }: {
    readonly startTime: number | undefined;
    readonly reconnectCount: number;
    readonly libraries: Libraries | undefined;
  },
): WriterStats {
  const { encoded, packets, bytes, droppedLate } = totals;
  const { refused } = queue;
  const replaced = queue.replaced + droppedLate;
  const bitrate = control.get("bitrate");
  const since = control.get("unsentSince");
  return {
    written: encoded,
    dropped: {
      replaced,
      refused,
      lost: Math.max(0, accepted - encoded - replaced - queue.length),
    },
    unsent: {
      bytes: control.get("unsentBytes"),
      age: since > 0 ? Math.max(0, now() - since) : 0,
      replaced: queue.replacedLate + droppedLate,
    },
    packets,
    bytes,
    bitrate: bitrate > 0 ? bitrate : undefined,
    queue: queue.length,
    reconnects: reconnectCount,
    uptime: startTime === undefined ? 0 : now() - startTime,
    encoder: stream?.encoder,
    libav: libraries?.version,
    libraries,
  };
}
