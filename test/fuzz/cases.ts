/** What is tried, how it ended, and what of that is a fault of ours. */

/** One thing to read. */
export interface Case {
  readonly id: number;
  readonly url: string;
}

export interface Outcome {
  /** "frames", the code of a StreamError, "unexpected", "hang", or "crash". */
  readonly how: string;
  readonly frames: number;
  readonly text?: string | undefined;
}

/** Whatever comes in, these never happen. */
const FAULTS: ReadonlySet<string> = new Set(["unexpected", "hang", "crash", "WORKER_DIED"]);

export function isFault({ how }: Outcome): boolean {
  return FAULTS.has(how);
}
