/**
 * The error of streams and writers, with its codes and messages.
 *
 * @module
 */

/** Why a stream could not be opened, read or written. */
export type StreamErrorCode =
  /** FFmpeg's shared libraries are not installed, or not of one release. */
  | "LIBAV_NOT_FOUND"
  /** The installed FFmpeg, or this runtime, cannot be used: it is too old, or has no FFI. */
  | "LIBAV_UNSUPPORTED"
  /**
   * A native option of `ffmpeg.format` or `ffmpeg.codec` that libav did not understand, or
   * whose value it does not take.
   */
  | "OPTION_UNKNOWN"
  /** Not open within `openTimeout`. */
  | "OPEN_TIMEOUT"
  /** Nothing arrived within `readTimeout`. */
  | "READ_TIMEOUT"
  /** The server took nothing within `writeTimeout`. */
  | "WRITE_TIMEOUT"
  /** No frame came within the `timeout` of `next()`; the stream goes on. */
  | "WAIT_TIMEOUT"
  /**
   * Data arrives but no frame was decoded within `stallTimeout`, or frames were decoded
   * and all of them were withheld for `keyframeTimeout`.
   */
  | "STALLED"
  /** Data arrives but no keyframe within `keyframeTimeout`: no frame can be decoded. */
  | "KEYFRAME_TIMEOUT"
  /**
   * Nobody listens there, or the server refused the request; or the address to listen at is
   * in use.
   */
  | "REFUSED"
  /** The host does not exist or cannot be reached, or this machine has no such address. */
  | "UNREACHABLE"
  /** The server has no such stream, or there is no such file. */
  | "NOT_FOUND"
  /** User name or password were not accepted, or none were given and the server wants them. */
  | "AUTH_FAILED"
  /** The TLS handshake or the certificate failed. */
  | "TLS_FAILED"
  /**
   * The runtime does not permit it: a flag is missing, which the message names; or the system
   * does not.
   */
  | "PERMISSION_DENIED"
  /**
   * The protocol or container is not on the allow-list of the URL's scheme, or a path names
   * a pipe or a device.
   */
  | "PROTOCOL_BLOCKED"
  /** The installed FFmpeg has no decoder or encoder for it, or the container cannot carry it. */
  | "UNSUPPORTED_CODEC"
  /** The installed FFmpeg has no container of the name that was given; or it names a device. */
  | "UNSUPPORTED_CONTAINER"
  /** The file cannot be made or written: it exists, the disk is full, it is not allowed, a pipe. */
  | "WRITE_FAILED"
  /** The system has no memory for the frames, or libav asks for more at once than it may have. */
  | "OUT_OF_MEMORY"
  /** What came is not a media stream. */
  | "INVALID_DATA"
  /** The option `loop` wants a source again from its beginning that cannot go back: a pipe. */
  | "NOT_SEEKABLE"
  /** The stream has no video. */
  | "NO_VIDEO"
  /** A finite stream came to its end; for a live one this is a drop. */
  | "END_OF_STREAM"
  /** Ended by an AbortSignal or by `stop()`. */
  | "ABORTED"
  /** Used before `start()` or after `stop()`. */
  | "CLOSED"
  /** The background thread ended by itself, or did not begin within 8 seconds. */
  | "WORKER_DIED"
  /** The module of the background thread, or a part of it, is not there. */
  | "WORKER_MISSING";

/** What was being done; the verb of the message. */
export type StreamOperation = "open" | "read" | "decode" | "snapshot" | "start" | "load" | "write";

/** The plain fields of a {@linkcode StreamError}, as they cross threads. */
export interface StreamErrorFields {
  /** Why. */
  readonly code: StreamErrorCode;
  /** What was being done. */
  readonly operation: StreamOperation;
  /** Redacted. */
  readonly url: string;
  /** The end of the message, when the code's own text does not say enough. */
  readonly reason?: string | undefined;
  /** The name of libav's or the system's code: `"ECONNREFUSED"`. */
  readonly detail?: string | undefined;
  /** libav's return code (`AVERROR`). */
  readonly averror?: number | undefined;
  /** The attempt that failed: 1 is the first. */
  readonly attempt?: number | undefined;
  /** What was thrown, where it was not libav. */
  readonly cause?: unknown | undefined;
}

const REASONS: Readonly<Record<StreamErrorCode, string>> = {
  LIBAV_NOT_FOUND: "FFmpeg's shared libraries were not found",
  LIBAV_UNSUPPORTED: "the installed FFmpeg is not supported",
  OPTION_UNKNOWN: "a native option was not understood",
  OPEN_TIMEOUT: "timed out while opening",
  READ_TIMEOUT: "timed out, no data arrived",
  WRITE_TIMEOUT: "timed out, the server took nothing",
  WAIT_TIMEOUT: "no frame in the time that was given",
  STALLED: "stalled, no frame was decoded",
  KEYFRAME_TIMEOUT: "timed out, no keyframe arrived",
  REFUSED: "connection refused",
  UNREACHABLE: "host unreachable",
  NOT_FOUND: "not found",
  AUTH_FAILED: "user name or password not accepted",
  TLS_FAILED: "the TLS handshake failed; does the server speak TLS at this port?",
  PERMISSION_DENIED: "the runtime does not permit it",
  PROTOCOL_BLOCKED: "protocol or container not allowed for this URL",
  UNSUPPORTED_CONTAINER: "no such container",
  UNSUPPORTED_CODEC: "no codec for this stream",
  WRITE_FAILED: "the data was not taken",
  OUT_OF_MEMORY: "there is not so much memory",
  INVALID_DATA: "not a valid media stream",
  NOT_SEEKABLE:
    "the option loop needs a source that can go back to its beginning, not a pipe or a " +
    "server without byte ranges",
  NO_VIDEO: "no video in the stream",
  END_OF_STREAM: "end of stream",
  ABORTED: "aborted",
  CLOSED: "the stream is not running",
  WORKER_DIED: "the background thread ended unexpectedly",
  WORKER_MISSING: "the background thread's module is not there",
};

/** Every code. */
export const ERROR_CODES = Object.keys(REASONS) as readonly StreamErrorCode[];

/** Another attempt ends the same way, or (a wrong password) does harm. */
const FINAL: ReadonlySet<StreamErrorCode> = new Set([
  "LIBAV_NOT_FOUND",
  "LIBAV_UNSUPPORTED",
  "OPTION_UNKNOWN",
  "AUTH_FAILED",
  "PERMISSION_DENIED",
  "PROTOCOL_BLOCKED",
  "UNSUPPORTED_CODEC",
  "NOT_SEEKABLE",
  "UNSUPPORTED_CONTAINER",
  "WORKER_MISSING",
  "ABORTED",
  "CLOSED",
]);

/**
 * A stream could not be opened, read or written. The message never holds a
 * password: `Cannot open rtsp://camera-ip/stream: connection refused (ECONNREFUSED)`.
 */
export class StreamError extends Error {
  /** `"StreamError"`. */
  override readonly name = "StreamError";
  /** Why, for programs. */
  readonly code: StreamErrorCode;
  /** What was being done. */
  readonly operation: StreamOperation;
  /** The stream's URL without credentials. */
  readonly url: string;
  /** libav's return code (`AVERROR`), where there was one. */
  readonly averror?: number | undefined;
  /** The attempt that failed: 1 is the first. */
  readonly attempt?: number | undefined;
  /**
   * Whether another attempt could end otherwise. It is made on live streams, unless
   * `reconnect.retry` decides something else; a file is opened once, whatever stands here.
   */
  readonly retryable: boolean;

  /** Makes the message of the fields. */
  constructor(fields: StreamErrorFields) {
    const detail = fields.detail ? ` (${fields.detail})` : "";
    const reason = fields.reason ?? REASONS[fields.code];
    super(
      `Cannot ${fields.operation} ${fields.url}: ${reason}${detail}`,
      fields.cause === undefined ? undefined : { cause: fields.cause },
    );
    this.code = fields.code;
    this.operation = fields.operation;
    this.url = fields.url;
    this.averror = fields.averror;
    this.attempt = fields.attempt;
    this.retryable = !FINAL.has(fields.code);
  }
}

/** Which code a libav error name stands for; names as in libavutil/error.h and errno. */
const CODES: Readonly<Record<string, StreamErrorCode>> = {
  ECONNREFUSED: "REFUSED",
  ECONNRESET: "REFUSED",
  EPIPE: "REFUSED",
  EPROTONOSUPPORT: "REFUSED",
  HTTP_BAD_REQUEST: "REFUSED",
  HTTP_OTHER_4XX: "REFUSED",
  HTTP_SERVER_ERROR: "REFUSED",
  EADDRINUSE: "REFUSED",
  EADDRNOTAVAIL: "UNREACHABLE",
  EHOSTUNREACH: "UNREACHABLE",
  ENETDOWN: "UNREACHABLE",
  ENODEV: "UNREACHABLE",
  ENETUNREACH: "UNREACHABLE",
  EACCES: "PERMISSION_DENIED",
  ENOENT: "NOT_FOUND",
  ENOTDIR: "NOT_FOUND",
  ELOOP: "NOT_FOUND",
  ENAMETOOLONG: "NOT_FOUND",
  HTTP_NOT_FOUND: "NOT_FOUND",
  STREAM_NOT_FOUND: "NO_VIDEO",
  HTTP_UNAUTHORIZED: "AUTH_FAILED",
  HTTP_FORBIDDEN: "AUTH_FAILED",
  PROTOCOL_NOT_FOUND: "PROTOCOL_BLOCKED",
  DEMUXER_NOT_FOUND: "PROTOCOL_BLOCKED",
  MUXER_NOT_FOUND: "PROTOCOL_BLOCKED",
  DECODER_NOT_FOUND: "UNSUPPORTED_CODEC",
  ENCODER_NOT_FOUND: "UNSUPPORTED_CODEC",
  PATCHWELCOME: "UNSUPPORTED_CODEC",
  OPTION_NOT_FOUND: "OPTION_UNKNOWN",
  ERANGE: "OPTION_UNKNOWN",
  ENOMEM: "OUT_OF_MEMORY",
  EOF: "END_OF_STREAM",
};

const TIMEOUTS: Readonly<Partial<Record<StreamOperation, StreamErrorCode>>> = {
  open: "OPEN_TIMEOUT",
  write: "WRITE_TIMEOUT",
};

/** A connection that was there and broke: the end of a live stream, like any other. */
const LOST: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "EIO"]);

/**
 * The code for a libav error by its name. The code of a time-out depends
 * on what was being done; an error without a code of its own is invalid data.
 */
export function codeOfAverror(
  name: string | undefined,
  operation: StreamOperation,
  live = true,
): StreamErrorCode {
  // What libav says when the demuxer it found is not on the allow-list.
  if (name === "EINVAL" && operation === "open") return "PROTOCOL_BLOCKED";
  if (name === "ETIMEDOUT") return TIMEOUTS[operation] ?? "READ_TIMEOUT";
  const broken = operation === "read" || operation === "write";
  if (live && broken && name !== undefined && LOST.has(name)) return "END_OF_STREAM";
  const code = name === undefined ? undefined : CODES[name];
  return code ?? (operation === "write" ? "WRITE_FAILED" : "INVALID_DATA");
}
