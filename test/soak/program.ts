/**
 * Does all activities, one after the other, and prints after each what the process holds, as a line
 * of JSON. Arguments: seconds for each, and the places.
 */

import { readdirSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ACTIVITIES, type Activity, type Places } from "./activities.ts";

/** What a process holds. */
export interface Holdings {
  /** Bytes of memory, garbage collected. */
  readonly memory: number;
  readonly threads: number;
  readonly files: number;
}

export interface Row {
  readonly activity: string;
  readonly count: number;
  readonly before: Holdings;
  readonly after: Holdings;
}

/** A share of the time after which a runtime has compiled and allocated what it needs. */
const WARM_UP = 0.3;
/** Threads end a moment after they have said so. */
const SETTLES_IN_MS = 1_000;

interface Collector {
  readonly gc?: () => void;
  readonly Bun?: { gc(force: boolean): void };
}

async function holdings(): Promise<Holdings> {
  await sleep(SETTLES_IN_MS);
  const { gc, Bun } = globalThis as Collector;
  for (let round = 0; round < 3; round++) {
    gc?.();
    Bun?.gc(true);
    await sleep(50);
  }
  return {
    memory: process.memoryUsage().rss,
    threads: readdirSync("/proc/self/task").length,
    files: readdirSync("/proc/self/fd").length - 1,
  };
}

const [seconds, json] = process.argv.slice(2);
const places: Places = JSON.parse(json!);

function until(share: number): () => boolean {
  const end = performance.now() + Number(seconds) * 1_000 * share;
  return () => performance.now() < end;
}

for (const [activity, run] of Object.entries<Activity>(ACTIVITIES)) {
  await run(places, until(WARM_UP));
  const before = await holdings();
  const count = await run(places, until(1 - WARM_UP));
  const row: Row = { activity, count, before, after: await holdings() };
  console.log(JSON.stringify(row));
}
