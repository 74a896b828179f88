/**
 * The warning that says why a group has no sets although all its cameras have
 * frames.
 *
 * @module
 */

import type { GroupMember } from "./group_member.ts";

/** What is looked at. */
export type HintedMember = Pick<GroupMember, "name" | "awaited" | "newest">;

/** Milliseconds without a set after which something is said. */
const PATIENCE = 5_000;
/** Milliseconds until it is said again. */
const REST = 60_000;

/** Of one wait for a set. */
export class GroupHint {
  #since: number | undefined;

  /** What to tell the user, now and then; undefined when there is nothing to say. */
  look(members: Iterable<HintedMember>, time: number): string | undefined {
    const all = [...members];
    const newest = all.map((member) => member.awaited ? member.newest?.time : undefined);
    if (newest.includes(undefined)) {
      this.#since = undefined;
      return undefined;
    }
    this.#since ??= time;
    if (time - this.#since < PATIENCE) return undefined;
    this.#since = time - PATIENCE + REST;
    const times = newest.filter((one) => one !== undefined);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const { name } = all[times.indexOf(first)]!;
    return `no set for ${PATIENCE / 1000} s: the newest picture of "${name}" is ` +
      `${Math.round(last - first)} ms behind; raise tolerance, or maxWait and buffers`;
  }
}
