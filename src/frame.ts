/**
 * A picture as the program gets it.
 *
 * @module
 */

import { now } from "./core/control.ts";
import { channelsOf, type PixelFormat } from "./core/formats.ts";

/** The bytes of a frame were used after the frame was given back. */
export class FrameReleasedError extends Error {
  /** `"FrameReleasedError"`. */
  override readonly name = "FrameReleasedError";

  /** For the frame of that index. */
  constructor(index: number) {
    super(
      `Cannot use frame ${index}: it was given back when its reader took the next one; ` +
        `call copy() to keep a frame`,
    );
  }
}

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
}

/**
 * One decoded picture. Valid until the same reader takes its next one (`read()`,
 * `next()`, the next turn of a loop) or the stream is stopped; `copy()` is valid
 * for ever.
 */
export class Frame implements Disposable {
  readonly #fields: FrameFields;
  #data: Uint8Array<ArrayBuffer> | undefined;

  /** Frames are made by `VideoStream`; the constructor is for tests and for pictures of your own. */
  constructor(data: Uint8Array<ArrayBuffer>, fields: FrameFields) {
    this.#data = data;
    this.#fields = fields;
  }

  /**
   * Packed rows without padding, `height` x `width` x `channels` for the
   * interleaved formats; see {@linkcode PixelFormat} for the planar ones.
   *
   * @throws {FrameReleasedError} The frame was given back.
   */
  get data(): Uint8Array<ArrayBuffer> {
    if (this.#data === undefined) throw new FrameReleasedError(this.index);
    return this.#data;
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

  /** Values per pixel: 3 for rgb24, 4 for rgba, 1 for gray8. */
  get channels(): number {
    return channelsOf(this.#fields.format);
  }

  /** Counts decoded frames over the stream's life; a gap is frames that were dropped. */
  get index(): number {
    return this.#fields.index;
  }

  /** Counts connections: 1 is the first. */
  get connection(): number {
    return this.#fields.connection;
  }

  /** Presentation time in the stream, in seconds; undefined where the stream has none. */
  get pts(): number | undefined {
    return this.#fields.pts;
  }

  /** Whether the picture was coded without reference to another one. */
  get keyframe(): boolean {
    return this.#fields.keyframe;
  }

  /** Epoch milliseconds at which the last byte of the frame was read. */
  get arrivalTime(): number {
    return this.#fields.arrivalTime;
  }

  /** Milliseconds since `arrivalTime`. */
  get age(): number {
    return now() - this.#fields.arrivalTime;
  }

  /** Whether the frame was given back, so that `data` throws. */
  get released(): boolean {
    return this.#data === undefined;
  }

  /**
   * The same picture in memory of its own, valid for ever.
   *
   * @throws {FrameReleasedError} The frame was given back.
   */
  copy(): Frame {
    return new Frame(this.data.slice(), this.#fields);
  }

  /** Gives the frame back before its reader takes the next one. */
  [Symbol.dispose](): void {
    this.#data = undefined;
  }
}
