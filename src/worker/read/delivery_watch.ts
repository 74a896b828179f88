/**
 * Whether pictures reach the reader, and why not.
 *
 * @module
 */

import type { ControlBlock } from "../../core/shared/control_block.ts";
import type { ReadCounter } from "../../core/shared/counters.ts";
import { type DropCause, WAITING, type Waiting } from "../../core/shared/waiting.ts";
import type { FromReadWorker } from "../../thread/read_protocol.ts";

/** Without a delivered picture for so long the stream says what it waits for. */
const ANNOUNCED_AFTER_MS = 2_000;
/** Dropped pictures are reported no more often than this. */
const REPORT_INTERVAL_MS = 1_000;

/** Of one connection. All times are in epoch milliseconds. Owned: dispose of it. */
export class DeliveryWatch implements Disposable {
  readonly #control: ControlBlock<ReadCounter>;
  readonly #post: (message: FromReadWorker) => void;
  /** Milliseconds in which at least one picture is wanted. */
  readonly #longestThinning: number;
  #waiting: Waiting | undefined;
  /** The first packet or picture after the last delivered one. */
  #since: number | undefined;
  #announced: Waiting | undefined;
  /** The first picture that was not wanted after the last delivered one. */
  #leftOutSince: number | undefined;
  /** Since the last packet, something was delivered or withheld. */
  #known = false;
  #dropped = 0;
  #cause: DropCause = "damaged";
  #reported = -Infinity;

  /** @param maxFps what is delivered of it, at most: the rest is not missed */
  constructor(
    control: ControlBlock<ReadCounter>,
    post: (message: FromReadWorker) => void,
    maxFps: number,
  ) {
    this.#control = control;
    this.#post = post;
    this.#longestThinning = Math.max(ANNOUNCED_AFTER_MS, 2_000 / maxFps);
    control.set("waiting", 0);
  }

  /** A picture was delivered. */
  passed(): void {
    this.#leftOutSince = undefined;
    this.#resume();
  }

  #resume(): void {
    this.#known = true;
    if (this.#since === undefined) return;
    if (this.#announced) {
      this.#post({ type: "waiting", waiting: undefined, since: this.#since });
    }
    this.#since = this.#announced = undefined;
    this.#setWaiting(undefined);
  }

  /** A picture was not wanted, by `maxFps` or `convert`: as long as others are. */
  leftOut(time: number): void {
    const since = this.#leftOutSince ??= time;
    if (time - since >= this.#longestThinning) this.withheld("clock", since);
    else this.#resume();
  }

  /** A picture is there, and cannot be delivered. */
  withheld(waiting: Waiting, time: number): void {
    this.#known = true;
    this.#since ??= time;
    this.#setWaiting(waiting);
  }

  /** Counts a picture that was withheld, for the log. */
  dropped(cause: DropCause): void {
    this.#dropped++;
    this.#cause = cause;
  }

  /** A packet was worked through. */
  packet(time: number): void {
    if (this.#known) this.#known = false;
    else this.#since ??= time;
    const late = this.#since !== undefined && time - this.#since >= ANNOUNCED_AFTER_MS;
    if (late) this.#announce(this.#waiting ?? "frame");
    if (time - this.#reported >= REPORT_INTERVAL_MS) this.#report(time);
  }

  #announce(waiting: Waiting): void {
    if (waiting === this.#announced) return;
    this.#announced = waiting;
    this.#setWaiting(waiting);
    this.#post({ type: "waiting", waiting, since: this.#since! });
  }

  #setWaiting(waiting: Waiting | undefined): void {
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    // The deadline of one wait is not that of the one before, and runs with `waiting`.
    this.#control.set("waitingSince", this.#since ?? 0);
    this.#control.set("waiting", WAITING.indexOf(waiting));
  }

  #report(time: number): void {
    if (this.#dropped === 0) return;
    this.#post({ type: "dropped", count: this.#dropped, cause: this.#cause });
    this.#dropped = 0;
    this.#reported = time;
  }

  [Symbol.dispose](): void {
    this.#report(Infinity);
    this.#control.set("waiting", 0);
  }
}
