/**
 * Whether a camera's clock goes as fast as ours.
 *
 * @module
 */

import { SampleWindow } from "./meters.ts";

/** So many spans are compared; the one in the middle is not moved by a few late packets. */
const SPANS = 11;
const ENOUGH = 6;

/**
 * A short span shows a clock that stands still between two reports, each of which puts it
 * right; a longer one is more exact. Bounds are shares by which it may go wrong.
 */
const SHORT = { length: 250, bound: 0.3 };
const LONG = { length: 1_000, bound: 0.2 };

/** One that was right may be so much worse before it is wrong: a busy network is no clock. */
const STILL_RIGHT = 1.7;
/** The same report again, but for rounding: milliseconds. */
const SAME_REPORT = 1;
/** Reports are not more exact than this many milliseconds, or this share of their distance. */
const INEXACT = 30;
const INEXACT_SHARE = 0.03;
/** Of so many steps the one in the middle is usual. */
const STEPS = 9;
/** A time that comes nearer to ours at once by more was put right by a report. */
const LEAP = 300;
/** Pictures are not that many times further apart, unless some of them are missing. */
const GAP = 4;
/** A doubt is over when twice as much has passed as the report took that brought it. */
const DOUBT = 2;
const [LEAST_DOUBT, LONGEST_DOUBT] = [2_000, 30_000];

/** How fast a clock goes, over spans of one length. */
class TempoMeter {
  readonly #length: number;
  readonly #bound: number;
  readonly #tempos = new SampleWindow(SPANS);
  #spans = 0;
  #tempo = NaN;
  #from: { readonly camera: number; readonly arrival: number } | undefined;

  constructor({ length, bound }: typeof SHORT) {
    this.#length = length;
    this.#bound = bound;
  }

  note(camera: number, arrival: number): void {
    const from = this.#from ??= { camera, arrival };
    const elapsed = arrival - from.arrival;
    if (elapsed < this.#length) return;
    this.#tempos.add((camera - from.camera) / elapsed);
    this.#from = { camera, arrival };
    if (++this.#spans >= ENOUGH) this.#tempo = this.#tempos.percentiles([0.5])[0];
  }

  get known(): boolean {
    return this.#spans >= ENOUGH;
  }

  /** @param before it was */
  isRight(before: boolean): boolean {
    return Math.abs(this.#tempo - 1) <= this.#bound * (before ? STILL_RIGHT : 1);
  }
}

/**
 * Judges the times that a camera tells of its pictures, in the order in which they are
 * shown. They follow its stream's times, which each of its reports lays on its clock: where
 * those do not go as fast as its clock, the reports contradict each other. Of one
 * connection.
 */
export class ClockTempo {
  readonly #wrap: number;
  readonly #short = new TempoMeter(SHORT);
  readonly #long = new TempoMeter(LONG);
  #right = false;
  #doubtUntil = -Infinity;
  /** When the last report began to count. */
  #reported: number | undefined;
  #base: number | undefined;
  readonly #steps = new SampleWindow(STEPS);
  #last: { readonly camera: number; readonly arrival: number } | undefined;

  /** @param wrap after so many milliseconds the stream's times begin again */
  constructor(wrap = Infinity) {
    this.#wrap = wrap;
  }

  /**
   * Notes a picture; whether the clock is known to go as fast as ours.
   *
   * @param camera milliseconds by the camera's clock
   * @param arrival milliseconds by ours
   * @param streamTime the picture's time in the stream, in milliseconds; NaN where it has none
   */
  note(camera: number, arrival: number, streamTime: number): boolean {
    this.#compareReports(camera - streamTime, arrival);
    this.#compareSteps(camera, arrival);
    this.#short.note(camera, arrival);
    this.#long.note(camera, arrival);
    const before = this.#right;
    return this.#right = arrival >= this.#doubtUntil && this.#short.isRight(before) &&
      (!this.#long.known || this.#long.isRight(before));
  }

  /** With sound beside, libav lays the stream's own times on the reports too. */
  #compareSteps(camera: number, arrival: number): void {
    const last = this.#last ?? { camera, arrival };
    this.#last = { camera, arrival };
    const step = this.#unwrapped(camera - last.camera);
    const [usual] = this.#steps.percentiles([0.5]);
    const leaps = step - (arrival - last.arrival) > LEAP && step > usual * GAP;
    if (step < -INEXACT || leaps) this.#doubt(arrival);
    this.#steps.add(step);
  }

  /** @param base when the stream's times began, as the last report has it */
  #compareReports(base: number, arrival: number): void {
    if (Number.isNaN(base)) return;
    this.#reported ??= arrival;
    const moved = Math.abs(this.#unwrapped(base - (this.#base ?? base)));
    this.#base = base;
    if (moved <= SAME_REPORT) return;
    const elapsed = arrival - this.#reported;
    if (moved > INEXACT + elapsed * INEXACT_SHARE) this.#doubt(arrival);
    this.#reported = arrival;
  }

  /** libav is wrong by a whole turn of the stream's times until the report after it. */
  #unwrapped(step: number): number {
    return Math.abs(step) < this.#wrap / 2 ? step : step - Math.sign(step) * this.#wrap;
  }

  #doubt(arrival: number): void {
    const elapsed = arrival - (this.#reported ?? arrival);
    const doubt = Math.min(Math.max(elapsed * DOUBT, LEAST_DOUBT), LONGEST_DOUBT);
    this.#doubtUntil = Math.max(this.#doubtUntil, arrival + doubt);
  }
}
