/**
 * Does all activities, one after the other, and prints after each what the process holds, as a line
 * of JSON. Arguments: seconds for each, and the places.
 */

import { readdirSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ACTIVITIES, type Activity, type Places } from "./activities.ts";

/** Of two moments. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

export interface Row {
  readonly activity: string;
  /** How often it was done from the one moment to the other. */
  readonly count: number;
  /**
   * Bytes, garbage collected, while it is done: what a background thread holds until it ends is
   * among them.
   */
  readonly memory: Pair;
  /** These two when nothing is done. */
  readonly threads: Pair;
  readonly files: Pair;
}

/** Shares of the time in which a runtime compiles and allocates what it needs: in all, in a thread. */
const WARM_UP = 0.3;
const THREAD_WARM_UP = 0.3;
/** Threads end a moment after they have said so. */
const SETTLES_IN_MS = 1_000;
/** How often it is done at least, however long that takes, so that what each time leaves shows. */
const LEAST: Readonly<Record<string, number>> = { reconnections: 250 };

interface Collector {
  readonly gc?: () => void;
  readonly Bun?: { gc(force: boolean): void };
}

/** How often something was done, and what the process had then. */
interface Mark {
  readonly count: number;
  readonly memory: number;
}

async function mark(count: number): Promise<Mark> {
  const { gc, Bun } = globalThis as Collector;
  for (let round = 0; round < 3; round++) {
    gc?.();
    Bun?.gc(true);
    await sleep(50);
  }
  return { count, memory: process.memoryUsage().rss };
}

async function idle(): Promise<{ readonly threads: number; readonly files: number }> {
  await sleep(SETTLES_IN_MS);
  return {
    threads: readdirSync("/proc/self/task").length,
    files: readdirSync("/proc/self/fd").length - 1,
  };
}

const [seconds, json] = process.argv.slice(2);
const places: Places = JSON.parse(json!);

async function measure(activity: string, run: Activity): Promise<Row> {
  const time = Number(seconds) * 1_000;
  const least = LEAST[activity] ?? 1;
  const warm = performance.now() + time * WARM_UP;
  await run(places, () => Promise.resolve(performance.now() < warm));
  const before = await idle();
  const begin = performance.now();
  const end = begin + time * (1 - WARM_UP);
  let first: Mark | undefined;
  let last: Mark | undefined;
  await run(places, async (count) => {
    if (performance.now() < begin + time * THREAD_WARM_UP) return true;
    first ??= await mark(count);
    if (count - first.count < least || performance.now() < end) return true;
    last = await mark(count);
    return false;
  });
  if (!first || !last) throw new Error(`${activity} ended by itself`);
  const after = await idle();
  return {
    activity,
    count: last.count - first.count,
    memory: { before: first.memory, after: last.memory },
    threads: { before: before.threads, after: after.threads },
    files: { before: before.files, after: after.files },
  };
}

for (const [activity, run] of Object.entries<Activity>(ACTIVITIES)) {
  console.log(JSON.stringify(await measure(activity, run)));
}
