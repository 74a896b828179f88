/**
 * The times of written frames.
 *
 * @module
 */

/**
 * - `wallclock`: when the frame was written, so that a live stream keeps its pace
 * - `frame`: the frame's own `pts`
 * - `constant`: one frame after the other at `fps`
 */
export type Timestamps = "wallclock" | "frame" | "constant";

/** A step backwards, or a longer one forwards, is a new stream: seconds. */
const MAX_STEP = 10;

/** Gives every frame a time in seconds from 0 on, over all connections, each later than the last. */
export class WriterClock {
  readonly #timestamps: Timestamps;
  readonly #frameTime: number;
  #last: number | undefined;
  #lastRaw: number | undefined;
  #offset = 0;

  constructor(timestamps: Timestamps, fps: number) {
    this.#timestamps = timestamps;
    this.#frameTime = 1 / fps;
  }

  /**
   * @param written milliseconds of `now()`
   * @param pts seconds; undefined where the frame has none
   */
  next(written: number, pts: number | undefined): number {
    const raw = this.#timestamps === "wallclock" ? written / 1000 : pts;
    if (this.#timestamps === "constant" || raw === undefined || !Number.isFinite(raw)) {
      return this.#step();
    }
    if (this.#lastRaw === undefined || this.#jumps(raw, this.#lastRaw)) {
      this.#offset = this.#following - raw;
    }
    this.#lastRaw = raw;
    // Times must differ in the coarsest time base there is, that of flv.
    const time = Math.max(raw + this.#offset, (this.#last ?? -1) + 0.001);
    return this.#last = time;
  }

  #step(): number {
    const time = this.#following;
    if (this.#lastRaw !== undefined) this.#lastRaw += this.#frameTime;
    return this.#last = time;
  }

  get #following(): number {
    return this.#last === undefined ? 0 : this.#last + this.#frameTime;
  }

  /** A camera that restarted, a file that begins again, another source. */
  #jumps(raw: number, last: number): boolean {
    if (this.#timestamps === "wallclock") return false;
    return raw <= last || raw > last + MAX_STEP;
  }
}
