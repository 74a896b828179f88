/** Ways to read two cameras, and which of them run at once. */
import type { StreamGroupOptions } from "../mod.ts";
import type { PairTask } from "./pair.ts";
import { type PeerName, PYTHON } from "./peers.ts";
import { ours, readerPath } from "./reader_process.ts";

export interface PairReader {
  readonly name: string;
  /** What must be installed; undefined for this package. */
  readonly peer?: PeerName | undefined;
  command(task: Omit<PairTask, "work">): readonly string[];
}

/** The one that the ratios are to. */
export const REFERENCE = "OpenCV, one read() after the other";

const RUNTIMES = { Deno: "deno", Bun: "bun" } as const;
const WAYS = {
  plain: REFERENCE,
  emptied: `${REFERENCE}, queues emptied first`,
  threads: "OpenCV, a thread for each camera",
} as const;

type Runtime = keyof typeof RUNTIMES;
type Way = keyof typeof WAYS;

export function group(runtime: Runtime, options: StreamGroupOptions, work = 0): PairReader {
  const rest = options.maxWait === undefined ? "" : `, maxWait ${options.maxWait}`;
  const script = ours(RUNTIMES[runtime], readerPath("ours_group.ts"));
  return {
    name: `this package, ${runtime}, "${options.sync}"${rest}${working(work)}`,
    command: (task) => [...script, JSON.stringify({ ...task, work, options })],
  };
}

export function openCv(way: Way, work = 0): PairReader {
  return {
    name: `${WAYS[way]}${working(work)}`,
    peer: "OpenCV",
    command: (task) => {
      return [PYTHON, readerPath("opencv_pair.py"), JSON.stringify({ ...task, work, way })];
    },
  };
}

function working(milliseconds: number): string {
  return milliseconds > 0 ? `, ${milliseconds} ms of work a set` : "";
}
