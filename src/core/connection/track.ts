/**
 * The tracks of a stream, as programs see them.
 *
 * @module
 */

/** What a track carries; `other`: metadata, attachments and what FFmpeg does not know. */
export type TrackKind = "video" | "audio" | "subtitle" | "other";

/** One track of a stream, as its container or session description announces it. */
export interface Track {
  /** Its place in the stream, from 0; the value of the option `track`. */
  readonly index: number;
  /** What it carries. */
  readonly kind: TrackKind;
  /** libav's name of the codec, `"h264"`; `"unknown"` for one that FFmpeg does not know. */
  readonly codec: string;
  /** Whether the installed FFmpeg has a decoder for it. */
  readonly decodable: boolean;
  /** Width in pixels, where it is known before the first frame; undefined for sound. */
  readonly width: number | undefined;
  /** Height in pixels, where it is known before the first frame; undefined for sound. */
  readonly height: number | undefined;
  /** Whether its frames are delivered. */
  readonly selected: boolean;
}

/** Tracks in a sentence: `0: video h264 640x360, 1: audio aac`. */
export function describeTracks(tracks: readonly Track[]): string {
  return tracks.map(({ index, kind, codec, width, height }) => {
    const size = width && height ? ` ${width}x${height}` : "";
    return `${index}: ${kind} ${codec}${size}`;
  }).join(", ");
}
