/**
 * When the camera took a picture.
 *
 * @module
 */

/** What is taken for a right clock, in milliseconds; see {@linkcode CameraClock}. */
export interface ClockLimits {
  /**
   * A clock that is right is not further ahead of the arrival than this.
   * @default 200
   */
  readonly ahead?: number | undefined;
  /**
   * Nor further behind it.
   * @default 10_000
   */
  readonly behind?: number | undefined;
  /**
   * After so much the stream's times begin again: libav is wrong by that between the
   * wrap and the next sender report.
   * @default Infinity
   */
  readonly wrap?: number | undefined;
}

/** A wrong clock that falls behind by more at once was set; no network is that slow. */
const SET_BACK = 10_000;
/** One that was wrong must be well within, or it would be right and wrong by turns. */
const RIGHT_AGAIN = 0.5;
/** Milliseconds over which the fastest packet is looked for: clocks drift apart by less than 1 ms. */
const WINDOW = 10_000;

/** A picture's time, in milliseconds of `now()`. */
export interface CaptureTime {
  readonly time: number;
  /** By the camera's clock, not by ours. */
  readonly cameraClock: boolean;
}

/** Checks what a camera says about its pictures' times. Of one connection. */
export class CameraClock {
  readonly #ahead: number;
  readonly #behind: number;
  readonly #wrap: number;
  #right = true;
  /** The least delay seen, in this window and the one before: the offset of a wrong clock. */
  #offset = Infinity;
  #previousOffset = Infinity;
  #windowEnd = -Infinity;

  constructor({ ahead = 200, behind = 10_000, wrap = Infinity }: ClockLimits) {
    this.#ahead = ahead;
    this.#behind = behind;
    this.#wrap = wrap;
  }

  /**
   * @param camera by the camera's clock; undefined when it did not tell
   * @param arrival by ours
   */
  resolve(camera: number | undefined, arrival: number): CaptureTime {
    if (camera === undefined) return { time: arrival, cameraClock: false };
    const near = [camera, camera + this.#wrap, camera - this.#wrap].find((time) =>
      this.#isNear(time, arrival)
    );
    this.#right = near !== undefined;
    if (near !== undefined) return { time: near, cameraClock: true };
    return { time: camera + this.#offsetOf(arrival - camera, arrival), cameraClock: false };
  }

  #isNear(time: number, arrival: number): boolean {
    const share = this.#right ? 1 : RIGHT_AGAIN;
    return time - arrival <= this.#ahead * share && arrival - time <= this.#behind * share;
  }

  /** The network only ever adds delay: the least is nearest to the difference of the clocks. */
  #offsetOf(offset: number, arrival: number): number {
    if (offset - Math.min(this.#offset, this.#previousOffset) > SET_BACK) {
      this.#offset = this.#previousOffset = Infinity;
    }
    if (arrival > this.#windowEnd) {
      // Offsets from before a pause say nothing about the clock now.
      const paused = arrival > this.#windowEnd + WINDOW;
      this.#previousOffset = paused ? Infinity : this.#offset;
      this.#offset = Infinity;
      this.#windowEnd = arrival + WINDOW;
    }
    this.#offset = Math.min(this.#offset, offset);
    return Math.min(this.#offset, this.#previousOffset);
  }
}
