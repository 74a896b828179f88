/**
 * One reader of a group's sets, with a place of its own in each stream.
 *
 * @module
 */

import type { Frame } from "../core/frame/frame.ts";
import {
  longestWait,
  type ResolvedGroupOptions,
  type WhenMissing,
} from "../core/options/group_options.ts";
import { epochTime, now } from "../core/timing/clock.ts";
import type { TimedPicture } from "../core/timing/member_clock.ts";
import { type Lane, newestOfEach, pair, type Pairing } from "../core/timing/pairing.ts";
import type { Consumer } from "../stream/consumers.ts";
import type { HeldSlot } from "../stream/held_slot.ts";
import { type FramesByName, FrameSet } from "./frame_set.ts";
import type { GroupMember } from "./group_member.ts";
import type { GroupCounts } from "./group_stats.ts";

/** Pictures that were chosen and are gone when they are taken: so often others are chosen. */
const TRIES = 8;

/** What a reader needs of its group. */
export interface SetReaderContext {
  readonly members: ReadonlyMap<string, GroupMember>;
  readonly options: ResolvedGroupOptions;
  readonly counts: GroupCounts;
}

/** A member's pictures at one moment. */
interface Choice {
  readonly member: GroupMember;
  readonly consumer: Consumer;
  readonly lane: Lane<TimedPicture>;
}

/** Holds the frames of one set at a time. */
export class SetReader<Name extends string, M extends WhenMissing> {
  readonly #context: SetReaderContext;
  readonly #places = new Map<GroupMember, Consumer>();
  /** The pictures of the last set. */
  readonly #had = new Map<GroupMember, TimedPicture>();
  #current: FrameSet<Name, M> | undefined;
  /** The time of the last set's first picture. */
  #time = -Infinity;

  constructor(context: SetReaderContext) {
    this.#context = context;
  }

  /** The set that it has. */
  get current(): FrameSet<Name, M> | undefined {
    return this.#current;
  }

  /**
   * The newest set that it has not had; or when to look again, if there is no news
   * by then.
   *
   * @param patient a better set that is about to come is waited for
   * @param since when somebody began to wait for it
   */
  take(patient: boolean, since = -Infinity): FrameSet<Name, M> | { readonly until: number } {
    for (let tries = 0; tries < TRIES; tries++) {
      const choices = this.#look(since);
      const pairing = this.#choose(choices.map(({ lane }) => lane), patient);
      if ("until" in pairing) return pairing;
      const set = this.#make(choices, pairing.picks);
      if (set) return this.#current = set;
    }
    return { until: Infinity };
  }

  /** A member that has left: its frames become invalid. */
  forget(member: GroupMember): void {
    const consumer = this.#places.get(member);
    if (consumer) member.close(consumer);
    this.#places.delete(member);
    this.#had.delete(member);
  }

  close(): void {
    for (const member of [...this.#places.keys()]) this.forget(member);
    this.#current = undefined;
  }

  #look(since: number): Choice[] {
    return Array.from(this.#context.members.values(), (member) => {
      const consumer = this.#places.get(member) ?? member.open();
      this.#places.set(member, consumer);
      const current = member.current(consumer) && this.#had.get(member);
      return { member, consumer, lane: { ...member.lane(consumer, since), current } };
    });
  }

  #choose(lanes: readonly Lane<TimedPicture>[], patient: boolean): Pairing<TimedPicture> {
    const { sync, whenMissing } = this.#context.options;
    const maxWait = longestWait(this.#context.options);
    const rules = {
      tolerance: this.#tolerance,
      maxWait,
      complete: whenMissing === "wait",
      patient,
      after: this.#time,
    };
    return sync === "latest" ? newestOfEach(lanes, rules, now()) : pair(lanes, rules, now());
  }

  get #tolerance(): number {
    const { sync, tolerance, whenMissing } = this.#context.options;
    if (tolerance !== undefined) return tolerance;
    if (sync === "latest") return Infinity;
    const counted = [...this.#context.members.values()].filter(({ awaited }) => {
      return awaited || whenMissing === "wait";
    });
    return Math.max(0, ...counted.map(({ interval }) => interval).filter((one) => one > 0));
  }

  /** Undefined when a chosen picture is gone. */
  #make(
    choices: readonly Choice[],
    picks: readonly (TimedPicture | undefined)[],
  ): FrameSet<Name, M> | undefined {
    const holds = choices.map(({ member, lane }, i) => {
      const pick = picks[i];
      return pick && pick !== lane.current ? member.reserve(pick.index) : undefined;
    });
    const gone = choices.some(({ lane }, i) => picks[i] && picks[i] !== lane.current && !holds[i]);
    if (gone) {
      for (const { member } of choices) member.cancel();
      return undefined;
    }
    this.#context.counts.note(choices, picks, this.#tolerance);
    const frames: [string, Frame][] = [];
    const missing: Name[] = [];
    const delays: Record<string, number> = {};
    choices.forEach(({ member, consumer }, i) => {
      const frame = this.#frameOf(member, consumer, picks[i], holds[i]);
      if (frame) frames.push([member.name, frame]);
      else missing.push(member.name as Name);
      const delay = picks[i]?.delay;
      if (delay !== undefined) delays[member.name] = delay;
    });
    const taken = picks.filter((pick) => pick !== undefined);
    const first = Math.min(...taken.map(({ time }) => time));
    const last = Math.max(...taken.map(({ time }) => time));
    this.#time = first;
    return new FrameSet({
      // An assignment would not make a member of the name "__proto__".
      frames: Object.freeze(Object.fromEntries(frames)) as FramesByName<Name, M>,
      missing: Object.freeze(missing),
      time: epochTime((first + last) / 2),
      skew: last - first,
      delays: Object.freeze(delays) as Readonly<Partial<Record<Name, number>>>,
      timeSource: taken.every(({ cameraClock }) => cameraClock) ? "rtcp" : "arrival",
    });
  }

  #frameOf(
    member: GroupMember,
    consumer: Consumer,
    pick: TimedPicture | undefined,
    hold: HeldSlot | undefined,
  ): Frame | undefined {
    if (!pick) member.takeBack(consumer);
    if (pick) this.#had.set(member, pick);
    return hold ? member.give(consumer, hold) : member.current(consumer);
  }
}
