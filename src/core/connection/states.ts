/**
 * The states of a stream, and the events that it reports.
 *
 * @module
 */

import type { Waiting } from "../shared/waiting.ts";
import type { StreamError } from "./errors.ts";

/**
 * - `idle`: made, not started
 * - `connecting`: the first attempt is under way
 * - `streaming`: connected, frames arrive
 * - `reconnecting`: lost, waiting for or making another attempt
 * - `failed`: given up; see `lastError`
 * - `stopped`: by `stop()`, by the signal, or at the end of a file
 */
export type StreamState =
  | "idle"
  | "connecting"
  | "streaming"
  | "reconnecting"
  | "failed"
  | "stopped";

/** One event of a stream's life; `time` is in epoch milliseconds. */
export type StreamStatus =
  /** An attempt begins; `attempt` counts from 1 over the stream's life. */
  | { readonly type: "connecting"; readonly time: number; readonly attempt: number }
  /** The first frame of a connection arrived. */
  | {
    readonly type: "connected";
    readonly time: number;
    readonly connection: number;
    readonly codec: string;
    readonly width: number;
    readonly height: number;
  }
  /** A connection that had frames ended. */
  | { readonly type: "disconnected"; readonly time: number; readonly error: StreamError }
  /** Another attempt is made after `delay` milliseconds. */
  | {
    readonly type: "reconnecting";
    readonly time: number;
    readonly attempt: number;
    readonly delay: number;
    readonly error: StreamError;
  }
  /** Frames have a new size from here on. */
  | {
    readonly type: "format-change";
    readonly time: number;
    readonly width: number;
    readonly height: number;
    readonly codec: string;
  }
  /**
   * Data flows, and no frame could be delivered for `waited` milliseconds, which are two
   * seconds or more: `waiting` says what for. Emitted again if that changes.
   */
  | {
    readonly type: "waiting";
    readonly time: number;
    readonly waiting: Waiting;
    readonly waited: number;
  }
  /** Frames are delivered again after a `waiting`, which lasted `waited` milliseconds. */
  | { readonly type: "resumed"; readonly time: number; readonly waited: number }
  /** No frame was decoded for `stallTimeout`, or all were withheld; the connection is given up. */
  | { readonly type: "stalled"; readonly time: number; readonly error: StreamError }
  /** Given up: attempts ran out, or the error is final. */
  | { readonly type: "failed"; readonly time: number; readonly error: StreamError }
  /** Stopped by the program, or at the end of a finite stream. */
  | { readonly type: "stopped"; readonly time: number; readonly reason: "stop" | "end" };
