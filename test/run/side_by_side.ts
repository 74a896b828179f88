/** Many parts at once, as many as the machine has time for. */

import type { Cost, Part } from "./part.ts";

export interface Room {
  /** How many parts at the most. */
  readonly parts: number;
  /** How many processors they may keep busy together. */
  readonly processors: number;
}

/**
 * The longest first, and beside it those that fit. What waits most of its time takes little room,
 * so many of these run at once; of those that compute, as many as there are processors for.
 */
export async function sideBySide<R>(
  parts: readonly Part[],
  costOf: (part: Part) => Cost,
  room: Room,
  run: (part: Part) => Promise<R>,
): Promise<R[]> {
  const waiting = parts.toSorted((a, b) => costOf(b).wall - costOf(a).wall);
  const running = new Map<Promise<void>, number>();
  const results: R[] = [];
  while (waiting.length > 0 || running.size > 0) {
    const busy = [...running.values()].reduce((sum, load) => sum + load, 0);
    const fits = (part: Part) =>
      running.size === 0 ||
      running.size < room.parts && busy + loadOf(costOf(part)) <= room.processors;
    const next = waiting.findIndex(fits);
    if (next < 0) {
      await Promise.race(running.keys());
      continue;
    }
    const [part] = waiting.splice(next, 1);
    const end = run(part!).then((result) => {
      results.push(result);
      running.delete(end);
    });
    running.set(end, loadOf(costOf(part!)));
  }
  return results;
}

/** How many processors a part keeps busy on average. */
function loadOf({ wall, cpu }: Cost): number {
  return cpu / Math.max(wall, 1);
}
