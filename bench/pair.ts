/** What a reader of two cameras is told, and what it prints. */

/** As JSON, the one argument of the readers `ours_group.ts` and `opencv_pair.py`. */
export interface PairTask {
  readonly left: string;
  readonly right: string;
  /**
   * Seconds of sets that are taken and not measured, where the cameras' clocks matter
   * from when they are known; with 0 nothing is waited for.
   */
  readonly settle: number;
  readonly seconds: number;
  /** How often the consumer computes for five seconds, afterwards. */
  readonly pauses: number;
  /** Milliseconds that the consumer spends on every set. */
  readonly work: number;
}

/** A set of two pictures by the stamps in them, in milliseconds. */
export interface TakenSet {
  readonly skew: number;
  /** Ages of the newer and of the older one at the hand-over. */
  readonly newest: number;
  readonly oldest: number;
}

export interface PairResult {
  readonly sets: readonly TakenSet[];
  /** The first set after each pause. */
  readonly afterPause: readonly TakenSet[];
  readonly seconds: number;
  /** Sets with a picture without a readable stamp. */
  readonly misread: number;
}
