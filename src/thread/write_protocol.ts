/**
 * What the main thread and a publishing thread say to each other. Frames do not
 * pass here: they go through the slots, the other way round than a reader's.
 *
 * @module
 */

import type { MediaUrl } from "../core/connection/url.ts";
import type { PixelFormat } from "../core/frame/formats.ts";
import type { VideoCodec } from "../core/output/encoders.ts";
import type { OutputFormat } from "../core/output/output_format.ts";
import type { LoadedMessage } from "./read_protocol.ts";

/** Everything one attempt needs. */
export interface WriteRequest {
  readonly media: MediaUrl;
  readonly output: OutputFormat;
  /** Layout of the bytes in the slots; undefined before the first frame, see `ControlBlock`. */
  readonly format?: PixelFormat;
  /** Size of the encoded picture; both even. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly codec: VideoCodec;
  readonly encoder: string;
  readonly bitrate?: number;
  readonly gop?: number;
  readonly preset?: string;
  readonly tune?: string;
  readonly pixelFormat?: string;
  /** Frames come at equal distances of `1 / fps`. */
  readonly constantRate: boolean;
  readonly pace: boolean;
  readonly overwrite: boolean;
  readonly fragmented: boolean;
  readonly transport: "tcp" | "udp";
  readonly openTimeout: number;
  readonly writeTimeout: number;
  readonly nativeFormat: Readonly<Record<string, string>>;
  readonly nativeCodec: Readonly<Record<string, string>>;
}

/** A connection as it was accepted. */
export interface OpenedOutput {
  /** libav's name of the encoder in use. */
  readonly encoder: string;
}

export type ToWriteWorker =
  /** First: the shared words and the number of slots. */
  | { readonly type: "init"; readonly memory: SharedArrayBuffer; readonly slots: number }
  | { readonly type: "attempt"; readonly request: WriteRequest }
  | { readonly type: "close" };

export type FromWriteWorker =
  | LoadedMessage
  /** The header is written: frames go out. */
  | ({ readonly type: "opened" } & OpenedOutput);
