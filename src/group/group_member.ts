/**
 * One stream of a group: its pictures and their times, and whether they still come.
 *
 * @module
 */

import type { StreamError } from "../core/connection/errors.ts";
import type { Frame } from "../core/frame/frame.ts";
import {
  longestWait,
  type ResolvedGroupOptions,
  type Sync,
} from "../core/options/group_options.ts";
import { now } from "../core/timing/clock.ts";
import { freshness } from "../core/timing/demand.ts";
import { MemberClock, type TimedPicture } from "../core/timing/member_clock.ts";
import type { Lane } from "../core/timing/pairing.ts";
import type { Consumer } from "../stream/consumers.ts";
import type { HeldSlot } from "../stream/held_slot.ts";
import type { StreamParts } from "../stream/video_stream.ts";

/** A picture is about to come for so much of the usual distance. */
const PUNCTUAL = 1.5;
/** Milliseconds from one picture to the next, before that is known. */
const UNKNOWN_INTERVAL = 1_000;

/** Lives as long as its stream is in the group; refers to no object that the program has. */
export class GroupMember {
  readonly #parts: StreamParts;
  readonly #clock: MemberClock;
  readonly #sync: Sync;
  readonly #maxWait: number;
  #left = false;

  readonly name: string;
  /** Whether the group has made it. */
  readonly owned: boolean;

  constructor(
    name: string,
    parts: StreamParts,
    owned: boolean,
    options: ResolvedGroupOptions,
  ) {
    const { sync, delays } = options;
    const maxWait = longestWait(options);
    const delay = Object.hasOwn(delays, name) ? delays[name] : undefined;
    this.name = name;
    this.owned = owned;
    this.#parts = parts;
    this.#clock = new MemberClock(sync === "capture", maxWait, delay);
    this.#sync = sync;
    this.#maxWait = maxWait;
  }

  get url(): string {
    return this.#parts.url;
  }

  /** Starts its stream, unless it is over. */
  start(): void {
    if (!this.over) this.#parts.life.start();
  }

  stop(): Promise<void> {
    return this.#parts.life.stop();
  }

  /** Calls `onNews` whenever there is something new, until the stream is over or has left. */
  async watch(onNews: () => void): Promise<void> {
    while (!this.#left && !this.over) {
      const { control } = this.#parts.connector;
      await control.wake.wait(control.wake.count);
      onNews();
    }
  }

  /** It is no member any more. */
  leave(): void {
    this.#left = true;
    this.#parts.connector.wake();
  }

  /** Whether no more pictures will come than there are. */
  get over(): boolean {
    return this.#parts.life.over;
  }

  /** Why it is over, if it has failed. */
  get failure(): StreamError | undefined {
    const { state, lastError } = this.#parts.life;
    return state === "failed" ? lastError : undefined;
  }

  /** Usual milliseconds from one picture to the next; NaN before there are two. */
  get interval(): number {
    const { demand, frameInterval } = this.#parts.reader;
    // Of those that are converted on demand there are few, and far between.
    return demand && frameInterval > 0 ? frameInterval : this.#clock.interval;
  }

  /** The newest picture that was looked at. */
  get newest(): TimedPicture | undefined {
    return this.#clock.newest;
  }

  /** Whether a picture that others wait for may still come in time. */
  get awaited(): boolean {
    if (this.#parts.life.state !== "streaming") return false;
    const interval = Number.isNaN(this.interval) ? UNKNOWN_INTERVAL : this.interval;
    const { control } = this.#parts.connector;
    return now() - control.get("lastFrameTime") <= interval + this.#maxWait;
  }

  /** A new place to read from; give it back with `close`. */
  open(): Consumer {
    return this.#parts.source.addConsumer({ choosing: true });
  }

  close(consumer: Consumer): void {
    this.#parts.source.removeConsumer(consumer);
  }

  /**
   * The pictures that a consumer has not been given.
   *
   * @param since when it began to wait: what was converted before, for others, may be old
   */
  lane(consumer: Consumer, since: number): Lane<TimedPicture> {
    const { source, connector } = this.#parts;
    const oldest = this.#oldestFor(since);
    const candidates = this.#clock.timed(source.candidates(consumer), connector.connection)
      .filter(({ arrival }) => arrival >= oldest);
    const { awaited } = this;
    return { candidates, awaited, expected: awaited ? this.#expected() : undefined };
  }

  /** See `FrameSource`. */
  reserve(index: number): HeldSlot | undefined {
    return this.#parts.source.reserve(index);
  }

  cancel(): void {
    this.#parts.source.cancel();
  }

  give(consumer: Consumer, hold: HeldSlot): Frame | undefined {
    return this.#parts.source.give(consumer, hold);
  }

  /** The picture that a consumer has, if it is of the connection that there is. */
  current(consumer: Consumer): Frame | undefined {
    const { source, connector } = this.#parts;
    const frame = source.current(consumer);
    return frame?.connection === connector.connection ? frame : undefined;
  }

  takeBack(consumer: Consumer): void {
    this.#parts.source.takeBack(consumer);
  }

  /** Somebody waits for the next picture: see the option `convert`. */
  beginWait(): void {
    this.#parts.reader.demand?.beginWait();
  }

  endWait(): void {
    this.#parts.reader.demand?.endWait();
  }

  /** Somebody looks at the newest picture. */
  noteLook(): void {
    this.#parts.reader.demand?.read(now(), this.#parts.reader.frameInterval);
  }

  #oldestFor(since: number): number {
    const { demand, frameInterval } = this.#parts.reader;
    // What a stream has left when it is over is still handed out.
    if (!demand || this.over) return -Infinity;
    const waiting = this.#sync === "latest" ? 0 : this.#maxWait;
    return since - freshness(frameInterval) - waiting;
  }

  #expected(): Lane["expected"] {
    const { newest, interval } = this;
    if (!newest || Number.isNaN(interval)) return undefined;
    const until = newest.arrival + interval * PUNCTUAL;
    return now() < until ? { time: newest.time + interval, until } : undefined;
  }
}
