/**
 * Options of a writer: what users may pass, and what comes of it.
 *
 * @module
 */

import type { Credentials, MediaUrl } from "../connection/url.ts";
import { PIXEL_FORMATS, type PixelFormat } from "../frame/formats.ts";
import { CODECS, type VideoCodec } from "../output/encoders.ts";
import { CONTAINERS, type OutputFormat, outputFormatOf } from "../output/output_format.ts";
import type { Timestamps } from "../timing/writer_clock.ts";
import {
  CONNECTION_NAMES,
  type ConnectionOptions,
  resolveConnection,
  resolveCredentials,
  type ResolvedConnectionOptions,
} from "./connection_options.ts";
import {
  checkBoolean,
  checkNames,
  checkNumber,
  checkOneOf,
  checkString,
  checkTime,
  PICTURE_SIDE,
} from "./validate.ts";

/**
 * What happens to a frame that comes while the queue is full:
 *
 * - `drop-oldest`: it takes the place of the oldest one in the queue
 * - `block`: it is not taken, `write()` returns false; `await writer.drain()`
 *   before the next one
 */
export type QueuePolicy = "drop-oldest" | "block";

/** The frames between the program and the encoder. */
export interface QueueOptions {
  /**
   * Frames, 2 … 64.
   * @default 4
   */
  readonly size?: number;
  /** Default: `drop-oldest` for a server, `block` for a file. */
  readonly policy?: QueuePolicy;
}

/** Options of `VideoWriter`. All times are in milliseconds. */
export interface VideoWriterOptions extends ConnectionOptions {
  /** Width of the encoded picture, made even; default: that of the first frame. */
  readonly width?: number;
  /** Height of the encoded picture, made even; default: that of the first frame. */
  readonly height?: number;
  /**
   * Frames per second: of `timestamps: "constant"`, and what bitrate and distance
   * of keyframes are reckoned with.
   * @default 30
   */
  readonly fps?: number;
  /**
   * What is sent.
   * @default "h264"
   */
  readonly codec?: VideoCodec;
  /**
   * libav's name of the encoder; `auto` takes the first that the installed FFmpeg
   * has and the machine can run.
   * @default "auto"
   */
  readonly encoder?: string;
  /**
   * Bits per second, on average and at most for a live stream. Default: by size,
   * `fps` and codec, 0.12 bits a pixel for H.264; a file's by constant quality where
   * the encoder has that.
   */
  readonly bitrate?: number;
  /** Frames from one keyframe to the next; default: two seconds, a file's as the encoder has it. */
  readonly gop?: number;
  /** The encoder's preset; default: a fast one for a live stream, else the encoder's. */
  readonly preset?: string;
  /** The encoder's tuning; default: for low delay on a live stream, else none. */
  readonly tune?: string;
  /** Layout of the bytes given to `write()`; default: that of the first Frame, else `rgb24`. */
  readonly format?: PixelFormat;
  /** libav's name of the pixel format that is encoded; default: 4:2:0, which everybody plays. */
  readonly pixelFormat?: string;
  /** Times of the frames; default: `wallclock` for a server, `frame` for a file. */
  readonly timestamps?: Timestamps;
  /** Frames between the program and the encoder. */
  readonly queue?: QueueOptions;
  /**
   * Frames are sent at the speed of their own times, as `ffmpeg -re`.
   * @default false
   */
  readonly pace?: boolean;
  /**
   * A file that exists is replaced, as `ffmpeg -y`.
   * @default false
   */
  readonly overwrite?: boolean;
  /**
   * An MP4 or MOV file is written in fragments, so that it can be played up to the
   * last one if the program is killed.
   * @default false
   */
  readonly fragmented?: boolean;
  /** libav's name of the container, where the URL does not say: `"mpegts"`. */
  readonly container?: string;
  /**
   * How RTP goes to an RTSP server.
   * @default "tcp"
   */
  readonly transport?: "tcp" | "udp";
  /**
   * Longest time until the server has accepted the stream.
   * @default 10_000
   */
  readonly openTimeout?: number;
  /**
   * Longest time for which the server takes nothing.
   * @default 10_000
   */
  readonly writeTimeout?: number;
  /**
   * Longest time that `close()` waits for what is left in the queue to be written.
   * @default 10_000
   */
  readonly closeTimeout?: number;
}

/** All options, checked, with their defaults filled in. */
export interface ResolvedWriterOptions extends ResolvedConnectionOptions {
  readonly output: OutputFormat;
  readonly width?: number;
  readonly height?: number;
  readonly fps: number;
  readonly codec: VideoCodec;
  readonly encoder: string;
  readonly bitrate?: number;
  readonly gop?: number;
  readonly preset?: string;
  readonly tune?: string;
  readonly format?: PixelFormat;
  readonly pixelFormat?: string;
  readonly timestamps: Timestamps;
  readonly queue: Required<QueueOptions>;
  readonly pace: boolean;
  readonly overwrite: boolean;
  readonly fragmented: boolean;
  readonly transport: "tcp" | "udp";
  readonly openTimeout: number;
  readonly writeTimeout: number;
  readonly closeTimeout: number;
}

const TIMESTAMPS: readonly Timestamps[] = ["wallclock", "frame", "constant"];
const POLICIES: readonly QueuePolicy[] = ["drop-oldest", "block"];
const TRANSPORTS = ["tcp", "udp"] as const;
const NAMES: readonly (keyof VideoWriterOptions)[] = [
  ...CONNECTION_NAMES,
  "width",
  "height",
  "fps",
  "codec",
  "encoder",
  "bitrate",
  "gop",
  "preset",
  "tune",
  "format",
  "pixelFormat",
  "timestamps",
  "queue",
  "pace",
  "overwrite",
  "fragmented",
  "container",
  "transport",
  "openTimeout",
  "writeTimeout",
  "closeTimeout",
];

const BITRATE = { min: 1_000, max: 1e9, integer: true, unit: "bits per second" };
const GOP = { min: 1, max: 1_000_000, integer: true, unit: "frames" };

/**
 * User name and password, which must be in the URL before the other options are
 * looked at.
 */
export function writerCredentials(options?: VideoWriterOptions): Credentials {
  checkNames("", options, NAMES);
  return resolveCredentials(options ?? {});
}

/**
 * Checks options and fills in the defaults, some of which follow from the output format.
 *
 * @throws {TypeError} An unknown name, a value of the wrong type, a URL that
 * cannot be published to.
 * @throws {RangeError} A value that is not allowed.
 */
export function resolveWriterOptions(
  media: MediaUrl,
  options: VideoWriterOptions = {},
): ResolvedWriterOptions {
  checkNames("", options, NAMES);
  checkNames("queue", options.queue, ["size", "policy"]);
  const container = checkOneOf("container", options.container, undefined, CONTAINERS);
  const output = outputFormatOf(media, container);
  return Object.freeze({
    ...resolveConnection(options),
    output,
    width: checkNumber("width", options.width, undefined, PICTURE_SIDE),
    height: checkNumber("height", options.height, undefined, PICTURE_SIDE),
    fps: checkNumber("fps", options.fps, 30, {
      min: 0.01,
      max: 1_000,
      unit: "frames per second",
    }),
    codec: checkOneOf("codec", options.codec, "h264", CODECS),
    encoder: checkString("encoder", options.encoder) ?? "auto",
    bitrate: checkNumber("bitrate", options.bitrate, undefined, BITRATE),
    gop: checkNumber("gop", options.gop, undefined, GOP),
    preset: checkString("preset", options.preset),
    tune: checkString("tune", options.tune),
    format: checkOneOf("format", options.format, undefined, PIXEL_FORMATS),
    pixelFormat: checkString("pixelFormat", options.pixelFormat),
    timestamps: checkOneOf(
      "timestamps",
      options.timestamps,
      output.live ? "wallclock" : "frame",
      TIMESTAMPS,
    ),
    queue: Object.freeze({
      size: checkNumber("queue.size", options.queue?.size, 4, { min: 2, max: 64, integer: true }),
      policy: checkOneOf(
        "queue.policy",
        options.queue?.policy,
        output.live ? "drop-oldest" : "block",
        POLICIES,
      ),
    }),
    pace: checkBoolean("pace", options.pace, false),
    overwrite: checkBoolean("overwrite", options.overwrite, false),
    fragmented: checkBoolean("fragmented", options.fragmented, false),
    transport: checkOneOf("transport", options.transport, "tcp", TRANSPORTS),
    openTimeout: checkTime("openTimeout", options.openTimeout, 10_000, 1),
    writeTimeout: checkTime("writeTimeout", options.writeTimeout, 10_000, 1),
    closeTimeout: checkTime("closeTimeout", options.closeTimeout, 10_000),
  });
}
