/**
 * Options of a reader: what users may pass, and the resolved form.
 *
 * @module
 */

import { PIXEL_FORMATS, type PixelFormat } from "../frame/formats.ts";
import { type Fit, FITS } from "../frame/geometry.ts";
import { MAX_TIME } from "../timing/clock.ts";
import { type ConnectionOptions, MAIN_THREAD_FIELDS } from "./connection_options.ts";
import { DECODE_FIELDS, type DecodeOptions } from "./decode_options.ts";
import {
  type FieldsOf,
  flag,
  limit,
  nested,
  number,
  oneOf,
  resolve,
  type Resolved,
  text,
  time,
} from "./fields.ts";
import { NATIVE_FIELDS } from "./native_options.ts";
import { TLS_FIELDS } from "./tls_options.ts";
import { HISTORY_FIELDS, type HistoryOptions } from "./record_options.ts";
import { PICTURE_SIDE } from "./validate.ts";

/**
 * How an RTSP server sends RTP; `auto` requests TCP and, if that is refused, UDP. `http` is
 * RTSP inside HTTP (of `rtsps`: inside HTTPS, whose certificate FFmpeg does not verify
 * then), for networks that let nothing else through.
 */
export type Transport = "auto" | "tcp" | "udp" | "udp_multicast" | "http";

/**
 * Which client reads RTSP:
 *
 * - `auto`: that of this package where it can, else libavformat, within the same attempt;
 *   `stats().transport` tells which it was, and why
 * - `own`: that of this package alone: its connections are made by the runtime
 * - `libav`: libavformat alone, with a background thread for each stream
 */
export type RtspClient = "auto" | "own" | "libav";

/**
 * - `lowest`: a frame is decoded as soon as its last byte has arrived (RTSP with H.264 or
 *   HEVC; other streams have no delay of this kind)
 * - `normal`: libav's own parser finds the end of a frame when the next one begins;
 *   `frame.arrivalTime` is then the time of that beginning
 */
export type Latency = "lowest" | "normal";

/**
 * Which frames are converted to `format`:
 *
 * - `every`: all, so that `read()` always has the newest
 * - `on-demand`: those that a loop or `next()` waits for, which then takes up to one
 *   frame interval; those shortly before the next expected `read()`, judged by the
 *   interval of earlier calls; otherwise one per second. A `read()` at an unexpected time
 *   may get a frame that is up to a second old: see `frame.age`. All frames of a file are
 *   converted.
 */
export type Convert = "every" | "on-demand";

/** Options of `VideoStream`. All times are in milliseconds. */
export interface VideoStreamOptions extends ConnectionOptions {
  /**
   * RTSP only.
   * @default "auto"
   */
  readonly transport?: Transport | undefined;
  /**
   * RTSP only.
   * @default "libav"
   */
  readonly rtspClient?: RtspClient | undefined;
  /**
   * How early a frame is delivered. A stream that is not suitable for `lowest` falls back
   * automatically, see `stats().latency`.
   * @default "lowest"
   */
  readonly latency?: Latency | undefined;
  /**
   * Longest total time until the stream is open. Of many streams that are started at once, as
   * many threads begin as there are processors; the wait of the others does not count.
   * @default 10_000
   */
  readonly openTimeout?: number | undefined;
  /**
   * Longest time without any data.
   * @default 10_000
   */
  readonly readTimeout?: number | undefined;
  /**
   * Longest time without a decoded frame, although one could be decoded. While frames
   * arrive and a keyframe is awaited, `keyframeTimeout` counts instead.
   * @default 10_000
   */
  readonly stallTimeout?: number | undefined;
  /**
   * Longest time in which frames arrive and none of them can be delivered, because a
   * keyframe is awaited (`KEYFRAME_TIMEOUT`) or because all that were decoded are damaged
   * (`STALLED`). Cameras with a "smart" codec send a keyframe every 30 seconds and more.
   * @default 120_000
   */
  readonly keyframeTimeout?: number | undefined;
  /**
   * Longest time that `stop()` waits for the background thread.
   * @default 2000
   */
  readonly closeTimeout?: number | undefined;
  /**
   * Layout of the delivered bytes.
   * @default "rgb24"
   */
  readonly format?: PixelFormat | undefined;
  /**
   * Width of delivered frames in pixels; default: the stream's, or from `height` and its
   * aspect ratio.
   */
  readonly width?: number | undefined;
  /**
   * Height of delivered frames in pixels; default: the stream's, or from `width` and its
   * aspect ratio.
   */
  readonly height?: number | undefined;
  /**
   * How an image with another aspect ratio is fitted into `width` x `height`.
   * @default "fill"
   */
  readonly fit?: Fit | undefined;
  /**
   * Whether frames are turned and mirrored as the stream's display matrix asks, as
   * FFmpeg's option of that name does; `frame.rotation` tells it. A turned frame costs one
   * copy more, some 10 ms of processor time at 1920x1080. A matrix that turns by another
   * angle than 90, 180 or 270 degrees is ignored.
   * @default true
   */
  readonly autorotate?: boolean | undefined;
  /**
   * Whether frames have the shape that the stream's sample aspect ratio gives them: those
   * of 704x576 with pixels of 16:11 are 1024x576. `false`: pixels are taken as they are
   * coded; `frame.sampleAspectRatio` tells their shape.
   * @default true
   */
  readonly squarePixels?: boolean | undefined;
  /**
   * Maximum frames per second that are converted and delivered. They are chosen evenly by
   * the stream's own timestamps; on a live stream, by arrival where those do not go as
   * fast as the clock. Every frame is still decoded, see `decode.skip`.
   * @default Infinity
   */
  readonly maxFps?: number | undefined;
  /**
   * Which frames are converted to `format`.
   * @default "every"
   */
  readonly convert?: Convert | undefined;
  /** What the decoder does. */
  readonly decode?: DecodeOptions | undefined;
  /**
   * Number of frame buffers, 2 … 64; at least one more than the loops and readers that
   * hold a frame at the same time.
   * @default 4
   */
  readonly buffers?: number | undefined;
  /** Bytes of the socket's receive buffer (UDP); default: the system's. */
  readonly socketBufferSize?: number | undefined;
  /**
   * libav's name of the container, if probing is not wanted or not possible: `"mpjpeg"`. With
   * it, a path may also name a pipe or a device, which can hold up the end of the process.
   */
  readonly container?: string | undefined;
  /**
   * Which video track is delivered, by its `index` in `stats().tracks`; default: the one
   * that FFmpeg thinks best of those that can be decoded.
   */
  readonly track?: number | undefined;
  /** Packets that are kept for `record()` with `preEvent`; none by default. */
  readonly history?: HistoryOptions | undefined;
  /**
   * Whether a file starts again when it has ended; its times go on. A source that cannot
   * go back to its beginning, such as a pipe, is the error `NOT_SEEKABLE`.
   * @default false
   */
  readonly loop?: boolean | undefined;
  /**
   * Whether the frames of a file are delivered at the file's own speed.
   * @default false
   */
  readonly pace?: boolean | undefined;
}

const TRANSPORTS: readonly Transport[] = ["auto", "tcp", "udp", "udp_multicast", "http"];
const CLIENTS: readonly RtspClient[] = ["auto", "own", "libav"];
const LATENCIES: readonly Latency[] = ["lowest", "normal"];
const CONVERSIONS: readonly Convert[] = ["every", "on-demand"];

/** What a background thread gets as well: plain data. */
const THREAD_FIELDS = {
  transport: oneOf(TRANSPORTS, "auto"),
  rtspClient: oneOf(CLIENTS, "libav"),
  latency: oneOf(LATENCIES, "lowest"),
  openTimeout: time(10_000, 1),
  readTimeout: time(10_000, 1),
  stallTimeout: time(10_000, 1),
  keyframeTimeout: time(120_000, 1),
  closeTimeout: time(2_000),
  format: oneOf(PIXEL_FORMATS, "rgb24"),
  width: number(undefined, PICTURE_SIDE),
  height: number(undefined, PICTURE_SIDE),
  fit: oneOf(FITS, "fill"),
  autorotate: flag(true),
  squarePixels: flag(true),
  maxFps: limit(Infinity, { min: 0.001, max: 1_000, unit: "frames per second" }),
  convert: oneOf(CONVERSIONS, "every"),
  decode: nested(DECODE_FIELDS),
  buffers: number(4, { min: 2, max: 64, integer: true }),
  socketBufferSize: number(undefined, { min: 1, max: MAX_TIME, integer: true, unit: "bytes" }),
  container: text,
  track: number(undefined, { min: 0, max: 1_000, integer: true }),
  history: nested(HISTORY_FIELDS),
  loop: flag(false),
  pace: flag(false),
  tls: nested(TLS_FIELDS),
  ffmpeg: nested(NATIVE_FIELDS),
} satisfies FieldsOf<Omit<VideoStreamOptions, keyof typeof MAIN_THREAD_FIELDS>>;

/** New names by the old ones. */
const RENAMED = { realtime: "pace", inputFormat: "container" } satisfies Record<
  string,
  keyof VideoStreamOptions
>;

const FIELDS = { ...MAIN_THREAD_FIELDS, ...THREAD_FIELDS };

/** All options, checked, with their defaults filled in. */
export type ResolvedStreamOptions = Resolved<typeof FIELDS>;

/**
 * Checks options and fills in the defaults.
 *
 * @throws {TypeError} An unknown name, or a value of the wrong type.
 * @throws {RangeError} A value that is not allowed.
 */
export function resolveStreamOptions(options?: VideoStreamOptions): ResolvedStreamOptions {
  return resolve("", options, FIELDS, RENAMED);
}
