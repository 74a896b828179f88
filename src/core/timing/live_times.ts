/**
 * When the pictures of a live stream happened.
 *
 * @module
 */

/**
 * So many milliseconds the stream's own times may fall behind the arrivals: no network and
 * no busy machine is late by more for long.
 */
const MAX_BEHIND = 1_000;
/** And so many they may get ahead: a server begins with pictures that it has kept. */
const MAX_AHEAD = 2_000;
/** A stream that begins anew goes back by more than so many milliseconds. */
const RESTART = 1_000;
/** So many milliseconds later, a stream that was too far away once has kept time. */
const FORGIVEN = 10_000;

/**
 * Times that go as fast as the clock. Their steps are the stream's own, which the network
 * has not shaken, as long as those keep up with the arrivals. Where a stream stands still,
 * goes back, jumps, or goes at another speed, the arrivals count: libav makes up 25
 * pictures a second for a stream without times. Of one connection.
 */
export class LiveTimes {
  #time: number | undefined;
  #arrival: number | undefined;
  #own = NaN;
  /** When its own times were too far away. */
  #strayed: number | undefined;

  /**
   * The time of the next picture, in milliseconds on the scale of the arrivals.
   *
   * @param arrived when it arrived, in milliseconds
   * @param own its time in the stream, in milliseconds; NaN where it has none
   */
  next(arrived: number, own: number): number {
    // Pictures are given out in the order in which they are shown, not that of arrival.
    const arrival = Math.max(arrived, this.#arrival ?? arrived);
    const elapsed = arrival - (this.#arrival ?? arrival);
    const step = own - this.#own;
    const usable = step > 0 && step <= elapsed + MAX_AHEAD;
    const time = (this.#time ?? arrival) + (usable ? step : elapsed);
    this.#arrival = arrival;
    // The next step is from where this one should have led to, unless the times begin anew.
    const disordered = Number.isNaN(own) || (step <= 0 && step >= -RESTART);
    this.#own = disordered ? this.#own + elapsed : own;
    this.#time = Math.min(Math.max(time, arrival - MAX_BEHIND), arrival + MAX_AHEAD);
    if (this.#time !== time) this.#strayed = arrival;
    return this.#time;
  }

  /** Whether the stream's own times go as fast as the clock; what it declares may be right. */
  get keepsTime(): boolean {
    const since = (this.#arrival ?? 0) - (this.#strayed ?? -Infinity);
    return since > FORGIVEN;
  }
}
