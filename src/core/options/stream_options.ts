/**
 * Options of a reader: what users may pass, and what comes of it.
 *
 * @module
 */

import type { Credentials } from "../connection/url.ts";
import { PIXEL_FORMATS, type PixelFormat } from "../frame/formats.ts";
import { type Fit, FITS } from "../frame/geometry.ts";
import { MAX_TIME } from "../timing/clock.ts";
import {
  CONNECTION_NAMES,
  type ConnectionOptions,
  resolveConnection,
  resolveCredentials,
  type ResolvedConnectionOptions,
} from "./connection_options.ts";
import { type DecodeOptions, resolveDecode } from "./decode_options.ts";
import { type HistoryOptions, resolveHistory } from "./record_options.ts";
import {
  checkBoolean,
  checkNames,
  checkNumber,
  checkOneOf,
  checkString,
  checkTime,
  PICTURE_SIDE,
} from "./validate.ts";

/** How RTP comes from an RTSP server; `auto` asks for TCP and, where refused, for UDP. */
export type Transport = "auto" | "tcp" | "udp" | "udp_multicast" | "http";

/**
 * - `lowest`: a picture is decoded as soon as its last byte is here (RTSP with
 *   H.264 or HEVC; other streams have no delay of this kind)
 * - `normal`: libav's own parser finds the end of a picture, by the beginning of
 *   the next, which `frame.arrivalTime` is then the time of
 */
export type Latency = "lowest" | "normal";

/**
 * Which pictures are converted to `format`:
 *
 * - `every`: each one, so that `read()` always has the newest
 * - `on-demand`: when a loop or `next()` waits for one, which then takes up to
 *   one frame time; shortly before `read()` is expected, after its rhythm so far;
 *   else once a second. A `read()` out of rhythm may get a picture of up to a
 *   second ago: see `frame.age`. A file's are all converted.
 */
export type Convert = "every" | "on-demand";

/** Options of `VideoStream`. All times are in milliseconds. */
export interface VideoStreamOptions extends ConnectionOptions {
  /**
   * RTSP only.
   * @default "auto"
   */
  readonly transport?: Transport;
  /**
   * How early a picture is handed out; a stream that does not suit `lowest`
   * falls back by itself, see `stats().latency`.
   * @default "lowest"
   */
  readonly latency?: Latency;
  /**
   * Longest time until the stream is open, in all.
   * @default 10_000
   */
  readonly openTimeout?: number;
  /**
   * Longest time without any data.
   * @default 10_000
   */
  readonly readTimeout?: number;
  /**
   * Longest time without a decoded frame.
   * @default 10_000
   */
  readonly stallTimeout?: number;
  /**
   * Longest time that `stop()` waits for the background thread.
   * @default 2000
   */
  readonly closeTimeout?: number;
  /**
   * Layout of the delivered bytes.
   * @default "rgb24"
   */
  readonly format?: PixelFormat;
  /** Width of delivered frames in pixels; default: the stream's, or as `height` and its shape say. */
  readonly width?: number;
  /** Height of delivered frames in pixels; default: the stream's, or as `width` and its shape say. */
  readonly height?: number;
  /**
   * How a picture of another shape is put into `width` x `height`.
   * @default "fill"
   */
  readonly fit?: Fit;
  /**
   * Most frames a second that are converted and delivered, by the stream's own
   * times; every picture is decoded all the same, see `decode.skip`.
   * @default Infinity
   */
  readonly maxFps?: number;
  /**
   * Which pictures are converted to `format`.
   * @default "every"
   */
  readonly convert?: Convert;
  /** What the decoder does. */
  readonly decode?: DecodeOptions;
  /**
   * Frame buffers, 2 … 64. One more than there are loops and readers that hold
   * a frame at the same time is the least.
   * @default 4
   */
  readonly buffers?: number;
  /** Bytes of the socket's receive buffer (UDP); default: the system's. */
  readonly socketBufferSize?: number;
  /** The demuxer by its libav name, where probing is not wanted or not possible. */
  readonly inputFormat?: string;
  /** Packets that are kept for `record()` with `preEvent`; none by default. */
  readonly history?: HistoryOptions;
  /**
   * A file starts again at its end.
   * @default false
   */
  readonly loop?: boolean;
  /**
   * A file's frames come at the file's own speed.
   * @default false
   */
  readonly realtime?: boolean;
}

/** All options, checked, with their defaults filled in. */
export interface ResolvedStreamOptions extends ResolvedConnectionOptions, Credentials {
  readonly transport: Transport;
  readonly latency: Latency;
  readonly openTimeout: number;
  readonly readTimeout: number;
  readonly stallTimeout: number;
  readonly closeTimeout: number;
  readonly format: PixelFormat;
  readonly width?: number;
  readonly height?: number;
  readonly fit: Fit;
  readonly maxFps: number;
  readonly convert: Convert;
  readonly decode: Required<DecodeOptions>;
  readonly buffers: number;
  readonly socketBufferSize?: number;
  readonly inputFormat?: string;
  readonly history: Required<HistoryOptions>;
  readonly loop: boolean;
  readonly realtime: boolean;
}

const TRANSPORTS: readonly Transport[] = ["auto", "tcp", "udp", "udp_multicast", "http"];
const LATENCIES: readonly Latency[] = ["lowest", "normal"];
const CONVERSIONS: readonly Convert[] = ["every", "on-demand"];
const NAMES: readonly (keyof VideoStreamOptions)[] = [
  ...CONNECTION_NAMES,
  "transport",
  "latency",
  "openTimeout",
  "readTimeout",
  "stallTimeout",
  "closeTimeout",
  "format",
  "width",
  "height",
  "fit",
  "maxFps",
  "convert",
  "decode",
  "buffers",
  "socketBufferSize",
  "inputFormat",
  "history",
  "loop",
  "realtime",
];

/**
 * Checks options and fills in the defaults.
 *
 * @throws {TypeError} An unknown name, or a value of the wrong type.
 * @throws {RangeError} A value that is not allowed.
 */
export function resolveStreamOptions(options: VideoStreamOptions = {}): ResolvedStreamOptions {
  checkNames("", options, NAMES);
  return Object.freeze({
    ...resolveConnection(options),
    ...resolveCredentials(options),
    transport: checkOneOf("transport", options.transport, "auto", TRANSPORTS),
    latency: checkOneOf("latency", options.latency, "lowest", LATENCIES),
    openTimeout: checkTime("openTimeout", options.openTimeout, 10_000, 1),
    readTimeout: checkTime("readTimeout", options.readTimeout, 10_000, 1),
    stallTimeout: checkTime("stallTimeout", options.stallTimeout, 10_000, 1),
    closeTimeout: checkTime("closeTimeout", options.closeTimeout, 2_000),
    format: checkOneOf("format", options.format, "rgb24", PIXEL_FORMATS),
    width: checkNumber("width", options.width, undefined, PICTURE_SIDE),
    height: checkNumber("height", options.height, undefined, PICTURE_SIDE),
    fit: checkOneOf("fit", options.fit, "fill", FITS),
    maxFps: options.maxFps === Infinity ? Infinity : checkNumber(
      "maxFps",
      options.maxFps,
      Infinity,
      { min: 0.001, max: 1_000, unit: "frames per second (or Infinity)" },
    ),
    convert: checkOneOf("convert", options.convert, "every", CONVERSIONS),
    decode: resolveDecode(options.decode),
    buffers: checkNumber("buffers", options.buffers, 4, { min: 2, max: 64, integer: true }),
    socketBufferSize: checkNumber("socketBufferSize", options.socketBufferSize, undefined, {
      min: 1,
      max: MAX_TIME,
      integer: true,
      unit: "bytes",
    }),
    inputFormat: checkString("inputFormat", options.inputFormat),
    history: resolveHistory(options.history),
    loop: checkBoolean("loop", options.loop, false),
    realtime: checkBoolean("realtime", options.realtime, false),
  });
}
