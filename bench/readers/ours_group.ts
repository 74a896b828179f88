/** This package's StreamGroup. Argument: JSON of a PairTask with StreamGroupOptions in it. */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { StreamGroup, type StreamGroupOptions } from "../../mod.ts";
import { readStamp } from "../../test/support/stamp.ts";
import { epochNow } from "../clock.ts";
import type { PairResult, PairTask, TakenSet } from "../pair.ts";

/** Milliseconds for which the consumer does something else. */
const BUSY = 5000;
const BETWEEN_PAUSES = 1000;

interface Task extends PairTask {
  readonly options: StreamGroupOptions<"wait">;
}

const { left, right, settle, seconds, pauses, work, options }: Task = JSON.parse(process.argv[2]!);
await using group = new StreamGroup({ left, right }, options);
let misread = 0;

// The cameras' clocks are known some seconds after the connection.
if (settle > 0 && options.sync === "capture") {
  while ((await group.next()).timeSource !== "rtcp");
}
await takeFor(settle * 1000);
misread = 0;
const sets = await takeFor(seconds * 1000);
const afterPause: TakenSet[] = [];
for (let pause = 0; pause < pauses; pause++) {
  const end = performance.now() + BUSY;
  while (performance.now() < end);
  afterPause.push(...await take());
  await takeFor(BETWEEN_PAUSES);
}
const result: PairResult = { sets, afterPause, seconds, misread };
console.log(JSON.stringify(result));

/** Counted from the first set. */
async function takeFor(milliseconds: number): Promise<TakenSet[]> {
  const taken: TakenSet[] = [];
  let end = Infinity;
  while (performance.now() < end) {
    taken.push(...await take());
    end = Math.min(end, performance.now() + milliseconds);
    if (work > 0) await sleep(work);
  }
  return taken;
}

/** Nothing when a stamp cannot be read. */
async function take(): Promise<TakenSet[]> {
  const { frames } = await group.next();
  const now = epochNow();
  const stamps = [readStamp(frames.left), readStamp(frames.right)].flatMap((one) => one ?? []);
  if (stamps.length < 2) {
    misread++;
    return [];
  }
  const [first, last] = [Math.min(...stamps), Math.max(...stamps)];
  return [{ skew: last - first, newest: now - last, oldest: now - first }];
}
