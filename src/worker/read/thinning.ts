/**
 * Which decoded pictures are converted and delivered.
 *
 * @module
 */

import type { Convert } from "../../core/options/stream_options.ts";
import type { ControlBlock } from "../../core/shared/control_block.ts";
import type { ReadCounter } from "../../core/shared/counters.ts";
import { IDLE_INTERVAL } from "../../core/timing/demand.ts";
import { RateLimit } from "../../core/timing/rate_limit.ts";

export interface ThinningRequest {
  readonly maxFps: number;
  readonly convert: Convert;
}

/** Of one connection. */
export class Thinning {
  readonly #control: ControlBlock<ReadCounter>;
  readonly #onDemand: boolean;
  readonly #rate: RateLimit;
  #lastConversion = -Infinity;

  /** @param live a file's pictures are all wanted, as far as `maxFps` goes */
  constructor(
    control: ControlBlock<ReadCounter>,
    { maxFps, convert }: ThinningRequest,
    live: boolean,
  ) {
    this.#control = control;
    this.#onDemand = live && convert === "on-demand";
    this.#rate = new RateLimit(maxFps);
  }

  /**
   * @param time by `now()`
   * @param streamTime milliseconds by which the rate is kept
   */
  accepts(time: number, streamTime: number): boolean {
    const control = this.#control;
    if (this.#onDemand) {
      const wanted = time >= control.get("wantedFrom") && time <= control.get("wantedUntil");
      if (!wanted && time - this.#lastConversion < IDLE_INTERVAL) {
        control.add("droppedUnwanted");
        return false;
      }
    }
    if (!this.#rate.accepts(streamTime)) {
      control.add("droppedMaxFps");
      return false;
    }
    this.#lastConversion = time;
    return true;
  }
}
