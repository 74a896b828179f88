/**
 * When the pictures of a track were taken, by the camera's clock.
 *
 * @module
 */

import type { SenderTime } from "./rtcp.ts";

/**
 * Of one track: the newest sender report ties its timestamps to a clock (RFC 3550, 6.4.1).
 * Whether that clock is right is not decided here.
 */
export class SenderClock {
  readonly #clockRate: number;
  #report: SenderTime | undefined;

  /** @param clockRate units of the timestamps per second */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** The newest report; undefined before the first one. */
  get report(): SenderTime | undefined {
    return this.#report;
  }

  note(report: SenderTime): void {
    this.#report = report;
  }

  /** A source that began again counts from another timestamp. */
  forget(): void {
    this.#report = undefined;
  }

  /** Epoch milliseconds of that timestamp; undefined before the first report. */
  timeOf(timestamp: number): number | undefined {
    const report = this.#report;
    if (!report) return undefined;
    // Timestamps wrap: what is nearest is meant.
    return report.time + (timestamp - report.timestamp | 0) * 1000 / this.#clockRate;
  }
}
