/**
 * Numbers about a group.
 *
 * @module
 */

import { SampleWindow } from "../core/timing/meters.ts";
import type { Candidate, Lane } from "../core/timing/pairing.ts";

/** Numbers about a group's sets; each reader counts. */
export interface GroupStats<Name extends string = string> {
  /** Sets that were handed out. */
  readonly sets: number;
  /** Sets that lacked a camera's frame. */
  readonly incomplete: number;
  /** Milliseconds, of the last 512 sets; NaN before the first one. */
  readonly skew: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Numbers of each camera. */
  readonly members: Readonly<Record<Name, MemberStats>>;
}

/** Numbers about one camera of a group. */
export interface MemberStats {
  /** Frames of sets, each counted once. */
  readonly delivered: number;
  /** Sets without it. */
  readonly missing: number;
  /**
   * Frames that were there to choose from and are in no set, by cause. What was gone
   * before anybody looked is in the stream's own `stats()`.
   */
  readonly dropped: {
    /** No other camera had a frame near enough. */
    readonly unpaired: number;
    /** A newer or a nearer one was chosen. */
    readonly passed: number;
  };
}

interface Counted {
  delivered: number;
  missing: number;
  unpaired: number;
  passed: number;
}

/** One camera's part in a set. */
interface Part {
  readonly member: { readonly name: string };
  readonly lane: Lane;
}

/** Counts what a group's readers are given. */
export class GroupCounts {
  readonly #skew = new SampleWindow();
  readonly #members = new Map<string, Counted>();
  #sets = 0;
  #incomplete = 0;

  /** A set, by its cameras and what was chosen of each. */
  note(parts: readonly Part[], picks: readonly (Candidate | undefined)[], tolerance: number): void {
    this.#sets++;
    if (picks.includes(undefined)) this.#incomplete++;
    const times = picks.flatMap((pick) => pick?.time ?? []);
    this.#skew.add(Math.max(...times) - Math.min(...times));
    parts.forEach(({ member, lane }, i) => {
      const counted = this.#of(member.name);
      const pick = picks[i];
      if (pick === undefined) counted.missing++;
      if (pick === undefined || pick === lane.current) return;
      counted.delivered++;
      const others = parts.filter((_, other) => other !== i).map((part) => part.lane);
      for (const { index, time } of lane.candidates) {
        if (index >= pick.index) break;
        const paired = others.every((other) => hasNear(other, time, tolerance));
        counted[paired ? "passed" : "unpaired"]++;
      }
    });
  }

  stats<Name extends string>(names: Iterable<Name>): GroupStats<Name> {
    const [p50, p95, p99] = this.#skew.percentiles([0.5, 0.95, 0.99]);
    const members = Array.from(names, (name): [Name, MemberStats] => {
      const { delivered, missing, unpaired, passed } = this.#of(name);
      return [name, { delivered, missing, dropped: { unpaired, passed } }];
    });
    return {
      sets: this.#sets,
      incomplete: this.#incomplete,
      skew: { p50, p95, p99 },
      members: Object.fromEntries(members) as Record<Name, MemberStats>,
    };
  }

  #of(name: string): Counted {
    const known = this.#members.get(name);
    if (known) return known;
    const counted = { delivered: 0, missing: 0, unpaired: 0, passed: 0 };
    this.#members.set(name, counted);
    return counted;
  }
}

function hasNear({ candidates, awaited }: Lane, time: number, tolerance: number): boolean {
  return !awaited || candidates.some((one) => Math.abs(one.time - time) <= tolerance);
}
