/**
 * A frame: the decoded bytes that the program gets, with their times.
 *
 * @module
 */

import { clockOffset, now } from "../timing/clock.ts";
import { channelsOf, type PixelFormat, shapeOf } from "./formats.ts";
import { FrameTransform, place } from "./geometry.ts";
import type { Rotation } from "./orientation.ts";
import { checkPicture } from "./picture_check.ts";

/** Thrown when the bytes of a frame are used after the frame was released. */
export class FrameReleasedError extends Error {
  /** `"FrameReleasedError"`. */
  override readonly name = "FrameReleasedError";

  /** For the frame of that index; by default it was given back. */
  constructor(index: number, reason = "it was given back when its reader took the next one") {
    super(`Cannot use frame ${index}: ${reason}; call copy() to keep a frame`);
  }
}

/**
 * Where `captureTime` comes from.
 *
 * - `rtcp`: from the camera's clock, by its RTCP sender reports (RFC 3550, 6.4.1)
 * - `arrival`: from this machine's clock, because the camera sends no reports (yet),
 *   or its clock or the clock of its stream is wrong
 */
export type TimeSource = "rtcp" | "arrival";

/** Everything of a frame but its bytes. */
export interface FrameFields {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Layout of the bytes. */
  readonly format: PixelFormat;
  /** Number of the decoded frame. */
  readonly index: number;
  /** Number of the connection. */
  readonly connection: number;
  /** Presentation time in seconds. */
  readonly pts: number | undefined;
  /** Whether it was coded on its own. */
  readonly keyframe: boolean;
  /** Epoch milliseconds. */
  readonly arrivalTime: number;
  /**
   * How far the system's clock was from the one that `age` is counted by, which does not
   * jump when the system's is set; default: as far as now.
   */
  readonly clockOffset?: number | undefined;
  /** Epoch milliseconds; default: `arrivalTime`. */
  readonly captureTime?: number | undefined;
  /** Where `captureTime` comes from; default: `"arrival"`. */
  readonly timeSource?: TimeSource | undefined;
  /** Whether parts of it are missing or made up; default: false. */
  readonly corrupt?: boolean | undefined;
  /** Degrees clockwise by which the coded picture is to be turned; default: 0. */
  readonly rotation?: Rotation | undefined;
  /** Whether it is to be mirrored then; default: false. */
  readonly mirrored?: boolean | undefined;
  /** Width of a pixel by its height; default: 1. */
  readonly sampleAspectRatio?: number | undefined;
  /** Pixels in a row of the coded picture; default: `width`. */
  readonly codedWidth?: number | undefined;
  /** Rows of the coded picture; default: `height`. */
  readonly codedHeight?: number | undefined;
  /** Where its pixels are in the camera's picture; default: the frame is that picture. */
  readonly transform?: FrameTransform | undefined;
}

/**
 * One decoded frame. It is valid until the same reader takes its next one (`read()`,
 * `next()`, the next turn of a loop) or the stream is stopped; a `copy()` stays valid.
 */
export class Frame implements Disposable {
  readonly #fields: FrameFields;
  #data: Uint8Array<ArrayBuffer> | undefined;

  /**
   * Frames are made by `VideoStream`; the constructor is for tests and for pictures of your own.
   *
   * @param data Packed rows without padding, exactly as many bytes as size and format have
   * @throws {TypeError} Not a Uint8Array, of another length, or of an unknown format
   * @throws {RangeError} A width or height that is not a whole number of at least 1
   */
  constructor(data: Uint8Array<ArrayBuffer>, fields: FrameFields) {
    checkPicture("make", data, fields);
    this.#data = data;
    this.#fields = fields;
  }

  /**
   * Packed rows without padding, `height` x `width` x `channels` for the
   * interleaved formats; see {@linkcode PixelFormat} for the planar ones.
   *
   * `data.buffer` is the memory that the next frames of the stream are written to. Do not
   * transfer it (`postMessage(data, [data.buffer])`), transfer that of a `copy()`. If it
   * happens, the receiver has this frame for good, and from then on the program gets a copy
   * of every frame.
   *
   * @throws {FrameReleasedError} The frame was given back, or its buffer transferred.
   */
  get data(): Uint8Array<ArrayBuffer> {
    const data = this.#data;
    if (data === undefined || this.released) {
      throw new FrameReleasedError(this.index, data && "its buffer was transferred");
    }
    return data;
  }

  /** Pixels in a row. */
  get width(): number {
    return this.#fields.width;
  }

  /** Rows. */
  get height(): number {
    return this.#fields.height;
  }

  /** Layout of `data`. */
  get format(): PixelFormat {
    return this.#fields.format;
  }

  /**
   * The bytes as 32-bit floats from 0 to 1, 3 x height x width. This is a view, valid as
   * long as `data`.
   *
   * @throws {TypeError} The format is not `rgb-planar-f32`.
   * @throws {FrameReleasedError} The frame was given back.
   */
  get floats(): Float32Array<ArrayBuffer> {
    const { data, format } = this;
    if (format !== "rgb-planar-f32") {
      throw new TypeError(
        `Cannot give floats: the format must be "rgb-planar-f32", this frame is "${format}"`,
      );
    }
    return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  }

  /**
   * Sizes of the axes: height x width x channels, in the planar RGB formats
   * channels x height x width; undefined for `yuv420p` and `nv12`, whose planes
   * differ.
   */
  get shape(): readonly number[] | undefined {
    return shapeOf(this.#fields.format, this.#fields.width, this.#fields.height);
  }

  /** Values per pixel: 3 for rgb24, 4 for rgba, 1 for gray8. */
  get channels(): number {
    return channelsOf(this.#fields.format);
  }

  /**
   * Number of the frame, counted over all decoded frames of the stream; a gap means
   * dropped frames.
   */
  get index(): number {
    return this.#fields.index;
  }

  /** Number of the connection; the first one is 1. */
  get connection(): number {
    return this.#fields.connection;
  }

  /** Presentation time in the stream, in seconds; undefined where the stream has none. */
  get pts(): number | undefined {
    return this.#fields.pts;
  }

  /** Whether the frame was coded without reference to another one. */
  get keyframe(): boolean {
    return this.#fields.keyframe;
  }

  /**
   * Epoch milliseconds at which the last byte of the frame was read, as this machine's
   * clock was set then.
   */
  get arrivalTime(): number {
    return this.#fields.arrivalTime;
  }

  /**
   * Epoch milliseconds at which the camera took the frame, by the camera's own clock if
   * the camera reports it (`timeSource` is `"rtcp"`). It is believed when it has gone as
   * fast as this machine's for about two seconds of frames. A clock that is more than
   * 200 ms ahead of the arrival or 10 s behind it is wrong: then the intervals it reports
   * are kept and shifted onto this machine's clock. Without reports, and while the
   * reported times go too fast or too slow, it is `arrivalTime`.
   */
  get captureTime(): number {
    return this.#fields.captureTime ?? this.#fields.arrivalTime;
  }

  /** Where `captureTime` comes from. */
  get timeSource(): TimeSource {
    return this.#fields.timeSource ?? "arrival";
  }

  /**
   * Whether parts of the frame are missing or were replaced by the decoder; never true on
   * a live stream, unless `decode.waitForKeyframe` is false.
   */
  get corrupt(): boolean {
    return this.#fields.corrupt ?? false;
  }

  /**
   * Degrees clockwise by which the coded picture is to be turned to be upright, by the
   * display matrix of the stream. The frame is turned, unless `autorotate` is false.
   */
  get rotation(): Rotation {
    return this.#fields.rotation ?? 0;
  }

  /** Whether the picture is to be mirrored after that, left to right; see `rotation`. */
  get mirrored(): boolean {
    return this.#fields.mirrored ?? false;
  }

  /**
   * Width of a pixel of the frame, divided by its height, as it is to be shown. It is 1
   * unless `fit: "fill"` has stretched the frame, or `squarePixels` is false.
   */
  get sampleAspectRatio(): number {
    return this.#fields.sampleAspectRatio ?? 1;
  }

  /** Pixels in a row of the picture as it was coded: not turned, scaled or cut. */
  get codedWidth(): number {
    return this.#fields.codedWidth ?? this.width;
  }

  /** Rows of the picture as it was coded. */
  get codedHeight(): number {
    return this.#fields.codedHeight ?? this.height;
  }

  /**
   * Maps points and boxes of the frame to the camera's full image and back. That image is
   * turned as the frame is, and has the pixels that the camera has sent.
   */
  get transform(): FrameTransform {
    return this.#fields.transform ??
      new FrameTransform(this.#fields, place(this.#fields, this.#fields, "fill"));
  }

  /** Milliseconds since `arrivalTime`, also when the system's clock was set since then. */
  get age(): number {
    const { arrivalTime, clockOffset: offset = clockOffset() } = this.#fields;
    return now() - (arrivalTime - offset);
  }

  /** Whether the frame was given back, or its buffer transferred, so that `data` throws. */
  get released(): boolean {
    // Looked at for every pixel, by some: the length is what costs nothing.
    return this.#data === undefined || (this.#data.length === 0 && this.#data.buffer.detached);
  }

  /**
   * Returns a copy in its own memory, which stays valid.
   *
   * @throws {FrameReleasedError} The frame was given back.
   */
  copy(): Frame {
    return new Frame(this.data.slice(), this.#fields);
  }

  /**
   * Returns a frame with other bytes of the same size and format, and the times of this
   * one.
   *
   * @throws {TypeError} Bytes of another length
   */
  with(data: Uint8Array): Frame {
    return new Frame(data as Uint8Array<ArrayBuffer>, this.#fields);
  }

  /** Releases the frame before its reader takes the next one. */
  [Symbol.dispose](): void {
    this.#data = undefined;
  }
}
