/**
 * What a pipeline decodes, and who knows where its pictures end.
 *
 * @module
 */

import type { InputStream } from "../../av/input.ts";

/** The video of a connection. */
export interface VideoSource {
  readonly stream: InputStream;
  /** Its number in the feed. */
  readonly number: number;
  /** It has no end: the newest picture counts. */
  readonly live: boolean;
  /** Its packets are those of RTP, without a container. */
  readonly isRtp: boolean;
  /** How its pictures are completed. */
  readonly completed: Completed;
}

/** Who knows where a picture ends. */
export type Completed =
  /** libav's parser, or its demuxer. */
  | { readonly by: "libav" }
  /** Rules that are learnt of libav's packets. */
  | { readonly by: "rules"; readonly codec: "h264" | "hevc" }
  /** A client of our own: pictures come whole, by `pushUnit()`. */
  | { readonly by: "client"; readonly sets: Uint8Array | undefined };
