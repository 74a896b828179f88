/**
 * How many pictures a stream has in a second, as it declares and as they come.
 *
 * @module
 */

import type { ControlBlock } from "../../core/shared/control_block.ts";
import type { ReadCounter } from "../../core/shared/counters.ts";
import { LiveTimes } from "../../core/timing/live_times.ts";
import { IntervalMeter, saneRate } from "../../core/timing/meters.ts";
import { USUAL_RATE } from "./file_timeline.ts";

/** Pictures a second; NaN where nothing is declared. */
export interface DeclaredRates {
  /** By the container or the session description. */
  readonly stream: number;
  /** By the coded pictures, as far as they are known. */
  readonly decoder: () => number;
}

/** Of one connection. */
export class PictureRate {
  readonly #control: ControlBlock<ReadCounter>;
  readonly #declared: DeclaredRates;
  readonly #live: boolean;
  readonly #meter = new IntervalMeter();
  readonly #liveTimes = new LiveTimes();

  constructor(control: ControlBlock<ReadCounter>, declared: DeclaredRates, live: boolean) {
    this.#control = control;
    this.#declared = declared;
    this.#live = live;
  }

  /** Milliseconds; raw streams have no times, but tell how many frames they have a second. */
  get frameInterval(): number {
    const { stream, decoder } = this.#declared;
    return 1000 / (saneRate(decoder()) ?? saneRate(stream) ?? USUAL_RATE);
  }

  /**
   * The milliseconds by which rates are measured and kept. They are not those of arrival
   * alone: pictures come in bursts, at first above all.
   *
   * @param pts seconds; NaN where the picture has no time
   * @param lastPts that of the last picture that had one
   */
  timeOf(arrivalTime: number, pts: number, lastPts: number | undefined): number {
    if (this.#live) return this.#liveTimes.next(arrivalTime, pts * 1000);
    const own = Number.isNaN(pts) ? lastPts ?? NaN : pts;
    return Number.isNaN(own) ? arrivalTime : own * 1000;
  }

  /** A picture was decoded, at that time of `timeOf()`. */
  note(streamTime: number): void {
    const { stream, decoder } = this.#declared;
    this.#control.set("frameInterval", this.#meter.tick(streamTime));
    // What libav makes up for a stream without times is no declaration.
    const declared = this.#liveTimes.keepsTime
      ? saneRate(stream) ?? saneRate(decoder())
      : undefined;
    this.#control.set("declaredRate", declared ?? 0);
  }
}
