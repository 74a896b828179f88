/**
 * The messages between the main thread and a writer's background thread. Frames do
 * not
 * pass here: they go through the slots, the other way round than a reader's.
 *
 * @module
 */

import type { VerifiedLibraries } from "../core/connection/libraries.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { PixelFormat } from "../core/frame/formats.ts";
import type { ThreadOptions } from "../core/options/connection_options.ts";
import type { ResolvedWriterOptions } from "../core/options/writer_options.ts";
import type { ClockReading } from "../core/timing/clock.ts";
import type { LoadedMessage } from "./read_protocol.ts";

/** Everything one attempt needs. */
export interface WriteRequest extends ThreadOptions<ResolvedWriterOptions> {
  readonly media: MediaUrl;
  /** Layout of the bytes in the slots; undefined before the first frame, see `ControlBlock`. */
  readonly format: PixelFormat | undefined;
  /** Size of the encoded picture; both even. */
  readonly width: number;
  readonly height: number;
}

/** A connection as it was accepted. */
export interface OpenedOutput {
  /** libav's name of the encoder in use. */
  readonly encoder: string;
}

export type ToWriteWorker =
  /** First: the clock, the shared words and the number of slots. */
  | {
    readonly type: "init";
    readonly clock: ClockReading;
    /** Libraries that another thread has tested. */
    readonly verified: VerifiedLibraries | undefined;
    readonly memory: SharedArrayBuffer;
    /** The address of its `ThreadMemory`. */
    readonly own: bigint;
    readonly slots: number;
  }
  | { readonly type: "attempt"; readonly request: WriteRequest }
  | { readonly type: "close" };

export type FromWriteWorker =
  | LoadedMessage
  /** The header is written: frames go out. */
  | ({ readonly type: "opened" } & OpenedOutput)
  /** The server has to catch up, for the first time in this connection. */
  | { readonly type: "late" };
