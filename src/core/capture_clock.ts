/**
 * When the camera took a picture.
 *
 * @module
 */

/** A clock that is right is not further ahead of the arrival than this, in milliseconds. */
const MAX_AHEAD = 200;
/** Nor further behind it. */
const MAX_BEHIND = 10_000;
/** One that was wrong must be well within, or it would be right and wrong by turns. */
const RIGHT_AGAIN = 0.5;
/** Milliseconds over which the fastest packet is looked for: clocks drift apart by less than 1 ms. */
const WINDOW = 10_000;

/** A picture's time, in epoch milliseconds. */
export interface CaptureTime {
  readonly time: number;
  /** By the camera's clock, not by ours. */
  readonly cameraClock: boolean;
}

/** Checks what a camera says about its pictures' times. Of one connection. */
export class CaptureClock {
  readonly #wrap: number;
  #right = true;
  /** The least delay seen, in this window and the one before: the offset of a wrong clock. */
  #offset = Infinity;
  #previousOffset = Infinity;
  #windowEnd = -Infinity;

  /**
   * @param wrap milliseconds after which the stream's 32-bit times begin again:
   * libav is wrong by that between the wrap and the next sender report
   */
  constructor(wrap: number) {
    this.#wrap = wrap;
  }

  /**
   * @param camera epoch milliseconds by the camera's clock; undefined when it did not tell
   * @param arrival epoch milliseconds by ours
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
    return time - arrival <= MAX_AHEAD * share && arrival - time <= MAX_BEHIND * share;
  }

  /** The network only ever adds delay: the least is nearest to the difference of the clocks. */
  #offsetOf(offset: number, arrival: number): number {
    // So far behind it was not the network: the clock was set.
    if (offset - Math.min(this.#offset, this.#previousOffset) > MAX_BEHIND) {
      this.#offset = this.#previousOffset = Infinity;
    }
    if (arrival > this.#windowEnd) {
      // What was seen before a pause is no word on the clock of today.
      const paused = arrival > this.#windowEnd + WINDOW;
      this.#previousOffset = paused ? Infinity : this.#offset;
      this.#offset = Infinity;
      this.#windowEnd = arrival + WINDOW;
    }
    this.#offset = Math.min(this.#offset, offset);
    return Math.min(this.#offset, this.#previousOffset);
  }
}
