/**
 * Options of a writer: what users may pass, and the resolved form.
 *
 * @module
 */

import type { Credentials, MediaUrl } from "../connection/url.ts";
import { PIXEL_FORMATS, type PixelFormat } from "../frame/formats.ts";
import { CODECS, type VideoCodec } from "../output/encoders.ts";
import { CONTAINERS, type OutputFormat, outputFormatOf } from "../output/output_format.ts";
import type { Timestamps } from "../timing/writer_clock.ts";
import { type ConnectionOptions, MAIN_THREAD_FIELDS } from "./connection_options.ts";
import { type FieldsOf, flag, nested, number, oneOf, resolve, text, time } from "./fields.ts";
import { NATIVE_FIELDS } from "./native_options.ts";
import { TLS_FIELDS } from "./tls_options.ts";
import { checkString, PICTURE_SIDE } from "./validate.ts";

/**
 * What happens to a frame that comes while the queue is full:
 *
 * - `drop-oldest`: it replaces the oldest one in the queue
 * - `block`: it is not accepted and `write()` returns false; call `await writer.drain()`
 *   before the next one
 */
export type QueuePolicy = "drop-oldest" | "block";

/** The frames between the program and the encoder. */
export interface QueueOptions {
  /**
   * Number of frames, 2 … 64.
   * @default 4
   */
  readonly size?: number | undefined;
  /** Default: `drop-oldest` for a server, `block` for a file. */
  readonly policy?: QueuePolicy | undefined;
}

/** Options of `VideoWriter`. All times are in milliseconds. */
export interface VideoWriterOptions extends ConnectionOptions {
  /** Width of the encoded video in pixels, made even; default: that of the first frame. */
  readonly width?: number | undefined;
  /** Height of the encoded video in pixels, made even; default: that of the first frame. */
  readonly height?: number | undefined;
  /**
   * Frame rate. Used for `timestamps: "constant"` and to derive the default bitrate and
   * keyframe interval.
   * @default 30
   */
  readonly fps?: number | undefined;
  /**
   * Codec of the encoded video. One that the container cannot carry is the error
   * `UNSUPPORTED_CODEC`, which names what would fit: RTMP carries `"h264"`, and from
   * FFmpeg 6.1 on `"hevc"`.
   * @default "h264"
   */
  readonly codec?: VideoCodec | undefined;
  /**
   * libav's name of the encoder; `auto` takes the first that the installed FFmpeg
   * has and the machine can run.
   * @default "auto"
   */
  readonly encoder?: string | undefined;
  /**
   * Bits per second: the average, and for a live stream also the maximum. Default:
   * derived from size, `fps` and codec, 0.12 bits per pixel for H.264; a file is encoded
   * with constant quality if the encoder supports that.
   */
  readonly bitrate?: number | undefined;
  /**
   * Frames from one keyframe to the next; default: two seconds, or for a file the
   * encoder's own value.
   */
  readonly gop?: number | undefined;
  /** The encoder's preset; default: a fast one for a live stream, otherwise the encoder's own. */
  readonly preset?: string | undefined;
  /** The encoder's tuning; default: low delay for a live stream, otherwise none. */
  readonly tune?: string | undefined;
  /**
   * Layout of the bytes passed to `write()`; default: that of the first Frame, otherwise
   * `rgb24`.
   */
  readonly format?: PixelFormat | undefined;
  /**
   * libav's name of the pixel format that is encoded; default: 4:2:0, which all players
   * support.
   */
  readonly pixelFormat?: string | undefined;
  /** Times of the frames; default: `wallclock` for a server, `frame` for a file. */
  readonly timestamps?: Timestamps | undefined;
  /** Frames between the program and the encoder. */
  readonly queue?: QueueOptions | undefined;
  /**
   * Whether frames are sent at the speed of their own timestamps, like `ffmpeg -re`.
   * @default false
   */
  readonly pace?: boolean | undefined;
  /**
   * Whether an existing file is replaced, like `ffmpeg -y`.
   * @default false
   */
  readonly overwrite?: boolean | undefined;
  /**
   * Whether an MP4, MOV or MKV file is written in fragments: if the program is killed, it can
   * be played, except for its last second and for frames that still wait in the queue. So
   * that no frame is held back, the encoder uses neither B-frames nor look-ahead, which makes
   * the file larger. That is certain for `libx264`, `libx265`, `mpeg4` and `mjpeg`; other
   * encoders, and a `tune` or native options of your own, may hold frames back, which are
   * lost as well.
   * @default false
   */
  readonly fragmented?: boolean | undefined;
  /**
   * libav's name of the container, if the URL does not determine it: `"mpegts"`. With it, a
   * path may also name a pipe or a device, which can hold up the end of the process.
   */
  readonly container?: string | undefined;
  /**
   * How RTP is sent to an RTSP server.
   * @default "tcp"
   */
  readonly transport?: "tcp" | "udp" | undefined;
  /**
   * Longest time until the server has accepted the stream.
   * @default 10_000
   */
  readonly openTimeout?: number | undefined;
  /**
   * Longest time during which the server accepts no data.
   * @default 10_000
   */
  readonly writeTimeout?: number | undefined;
  /**
   * Longest time that `close()` waits until the frames left in the queue are written.
   * @default 10_000
   */
  readonly closeTimeout?: number | undefined;
}

const TIMESTAMPS: readonly Timestamps[] = ["wallclock", "frame", "constant"];
const POLICIES: readonly QueuePolicy[] = ["drop-oldest", "block"];
const TRANSPORTS = ["tcp", "udp"] as const;

const QUEUE_FIELDS = {
  size: number(4, { min: 2, max: 64, integer: true }),
  policy: oneOf(POLICIES, undefined),
} satisfies FieldsOf<QueueOptions>;

/** What a background thread gets as well: plain data. */
const THREAD_FIELDS = {
  width: number(undefined, PICTURE_SIDE),
  height: number(undefined, PICTURE_SIDE),
  fps: number(30, { min: 0.01, max: 1_000, unit: "frames per second" }),
  codec: oneOf(CODECS, "h264"),
  encoder: (name, value) => checkString(name, value) ?? "auto",
  bitrate: number(undefined, { min: 1_000, max: 1e9, integer: true, unit: "bits per second" }),
  gop: number(undefined, { min: 1, max: 1_000_000, integer: true, unit: "frames" }),
  preset: text,
  tune: text,
  format: oneOf(PIXEL_FORMATS, undefined),
  pixelFormat: text,
  timestamps: oneOf(TIMESTAMPS, undefined),
  queue: nested(QUEUE_FIELDS),
  pace: flag(false),
  overwrite: flag(false),
  fragmented: flag(false),
  container: oneOf(CONTAINERS, undefined),
  transport: oneOf(TRANSPORTS, "tcp"),
  openTimeout: time(10_000, 1),
  writeTimeout: time(10_000, 1),
  closeTimeout: time(10_000),
  tls: nested(TLS_FIELDS),
  ffmpeg: nested(NATIVE_FIELDS),
} satisfies FieldsOf<Omit<VideoWriterOptions, keyof typeof MAIN_THREAD_FIELDS>>;

const FIELDS = { ...MAIN_THREAD_FIELDS, ...THREAD_FIELDS };

/**
 * User name and password, which the URL needs before it is known where the output
 * goes and which defaults follow from that.
 */
export function writerCredentials(options?: VideoWriterOptions): Credentials {
  const { username, password } = resolve("", options, FIELDS);
  return { username, password };
}

/** All options, checked, with their defaults filled in. */
export type ResolvedWriterOptions = ReturnType<typeof resolveWriterOptions>;

/**
 * Checks options and fills in the defaults, some of which follow from the output format.
 *
 * @throws {TypeError} An unknown name, a value of the wrong type, a URL that
 * cannot be published to.
 * @throws {RangeError} A value that is not allowed.
 */
export function resolveWriterOptions(media: MediaUrl, options?: VideoWriterOptions) {
  const { username: _user, password: _password, container, timestamps, queue, ...rest } = resolve(
    "",
    options,
    FIELDS,
  );
  const output: OutputFormat = outputFormatOf(media, container);
  const { live } = output;
  return Object.freeze({
    ...rest,
    container,
    output,
    timestamps: timestamps ?? (live ? "wallclock" : "frame"),
    queue: Object.freeze({ ...queue, policy: queue.policy ?? (live ? "drop-oldest" : "block") }),
  });
}
