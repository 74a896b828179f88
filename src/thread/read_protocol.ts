/**
 * The messages between the main thread and a reader's background thread. Frames do
 * not pass here: they go through the slots.
 *
 * @module
 */

import type { StreamErrorFields } from "../core/connection/errors.ts";
import type { Libraries, VerifiedLibraries } from "../core/connection/libraries.ts";
import type { OwnTransport } from "../core/connection/rtsp_transport.ts";
import type { Track } from "../core/connection/track.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { ThreadOptions } from "../core/options/connection_options.ts";
import type { RecordRequest } from "../core/options/record_options.ts";
import type { ImageRequest } from "../core/options/snapshot_options.ts";
import type { ResolvedStreamOptions } from "../core/options/stream_options.ts";
import type { RecordingStats } from "../core/output/recording_stats.ts";
import type { DropCause, Waiting } from "../core/shared/waiting.ts";
import type { ClockReading } from "../core/timing/clock.ts";
import type { ThreadMessage } from "./thread_message.ts";

/** Everything one attempt needs. */
export interface ReadRequest extends ThreadOptions<ResolvedStreamOptions> {
  readonly media: MediaUrl;
  /** The generation of the first slots that this attempt asks for. */
  readonly generation: number;
  /** The index of the first decoded frame. */
  readonly firstIndex: number;
  /** An attempt before has ended because no keyframe or undamaged frame came. */
  readonly keyframesMissing: boolean;
  /** The attempt before was not open within `openTimeout`. */
  readonly openedLate: boolean;
  /** What is to be done before anything is read, behind what is in the mailbox. */
  readonly orders: readonly Order[];
}

/** A connection as it was found when it opened. */
export interface OpenedStream {
  readonly codec: string;
  /** Whether it has no end: the newest frame counts, and an end is a drop. */
  readonly live: boolean;
  readonly tracks: readonly Track[];
  /** Of an RTSP stream that libavformat does not read. */
  readonly transport?: OwnTransport | undefined;
}

/** The libraries are loaded, and an attempt begins. */
export interface LoadedMessage {
  readonly type: "loaded";
  readonly libraries: Libraries;
  readonly verified: VerifiedLibraries;
}

/** What the slots must be made for. */
export interface SlotFormat {
  readonly generation: number;
  readonly width: number;
  readonly height: number;
  /** Bytes of one frame; a slot has `SLOT_TAIL` more. */
  readonly byteLength: number;
}

/** What comes through the mailbox, as JSON. */
export type Order =
  /** The newest picture as a file; before the first picture, that one. */
  | { readonly type: "snapshot"; readonly id: number; readonly request: ImageRequest }
  | { readonly type: "record"; readonly id: number; readonly request: RecordRequest }
  | { readonly type: "stop-record"; readonly id: number };

export type ToReadWorker =
  /** First: the clock, the shared words, the number of slots, and where orders come in. */
  | {
    readonly type: "init";
    readonly clock: ClockReading;
    /** Libraries that another thread has tested. */
    readonly verified: VerifiedLibraries | undefined;
    readonly memory: SharedArrayBuffer;
    /** The address of its `ThreadMemory`. */
    readonly own: bigint;
    readonly slots: number;
    readonly orders: SharedArrayBuffer;
    /** Whether other streams use the thread as well. */
    readonly isShared: boolean;
  }
  | { readonly type: "attempt"; readonly request: ReadRequest }
  /** Look at the mailbox and the shared words; an attempt that blocks the thread does it by itself. */
  | { readonly type: "look" }
  | { readonly type: "close" };

/** Data flows, and no frame was delivered since that time; no `waiting`: frames come again. */
export interface WaitingMessage {
  readonly type: "waiting";
  readonly waiting: Waiting | undefined;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** Frames were not delivered; the cause is that of the last one. */
export interface DroppedMessage {
  readonly type: "dropped";
  readonly count: number;
  readonly cause: DropCause;
}

export type FromReadWorker =
  | LoadedMessage
  /** The client of this package cannot read it: the attempt is over, and libavformat may go on. */
  | { readonly type: "unsupported"; readonly what: string }
  | WaitingMessage
  | DroppedMessage
  | ({ readonly type: "opened" } & OpenedStream)
  /** The slots of this generation are wanted; the thread waits for them. */
  | ({ readonly type: "format" } & SlotFormat)
  /** The first frame of the connection is in its slot. */
  | { readonly type: "streaming" }
  | { readonly type: "image"; readonly id: number; readonly data: Uint8Array<ArrayBuffer> }
  /** The mailbox is empty again. */
  | { readonly type: "ordered" }
  /** A recording has begun a file. */
  | { readonly type: "recording"; readonly id: number; readonly file: string }
  /** Once a second at most, and at the end. */
  | { readonly type: "record-progress"; readonly id: number; readonly stats: RecordingStats }
  /** A recording is over, its file complete or not. */
  | {
    readonly type: "recorded";
    readonly id: number;
    readonly error?: StreamErrorFields | undefined;
  }
  | { readonly type: "imageError"; readonly id: number; readonly error: StreamErrorFields };

/** What a thread gets: each stream has a seat in it. */
export interface ToSeat {
  readonly seat: number;
  readonly message: ToReadWorker;
}

/** What a thread says for one of its streams. */
export interface FromSeat {
  readonly seat: number;
  readonly message: FromReadWorker | ThreadMessage;
}
