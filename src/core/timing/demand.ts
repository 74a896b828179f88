/**
 * When a converted picture is wanted.
 *
 * @module
 */

/** Milliseconds for which an expected read may be late, at least; or as long as usual once more. */
const PATIENCE = 1_000;

/** A live stream's newest converted picture is at most this old, in milliseconds, when nobody asks. */
export const IDLE_INTERVAL = 1_000;

/** How many intervals between reads are looked at: the shortest of them counts. */
const READS = 4;
/** A read comes that many frame times before it is expected, at most. */
const MARGIN = 1.5;
/** Milliseconds, for a stream whose frame time is not known yet. */
const UNKNOWN_FRAME_TIME = 100;

/**
 * Knows who waits for a picture and when the next look at the newest one is
 * expected, and says from when on pictures are wanted. Of one stream, on its
 * main thread.
 */
export class Demand {
  readonly #tell: (from: number, until: number) => void;
  readonly #intervals: number[] = [];
  #lastRead: number | undefined;
  /** When the next read is expected. */
  #from = Infinity;
  #until = Infinity;
  #waiting = 0;
  #told: readonly [from: number, until: number] = [NaN, NaN];

  /** `tell` is given the time in which pictures are wanted, when it changes. */
  constructor(tell: (from: number, until: number) => void) {
    this.#tell = tell;
    this.#update();
  }

  /** Somebody waits for the next picture. */
  beginWait(): void {
    this.#waiting++;
    this.#update();
  }

  endWait(): void {
    this.#waiting--;
    this.#update();
  }

  /** Somebody looks at the newest picture; so they will again, after the same time. */
  read(time: number, frameTime: number): void {
    if (this.#lastRead !== undefined) this.#intervals.push(time - this.#lastRead);
    if (this.#intervals.length > READS) this.#intervals.shift();
    this.#lastRead = time;
    const shortest = Math.min(...this.#intervals);
    const early = MARGIN * knownFrameTime(frameTime);
    const known = this.#intervals.length > 0;
    this.#from = known ? time + Math.max(0, shortest - early) : time;
    this.#until = time + (known ? shortest + Math.max(shortest, PATIENCE) : PATIENCE);
    this.#update();
  }

  #update(): void {
    const [from, until] = this.#waiting > 0 ? [0, Infinity] : [this.#from, this.#until];
    if (from === this.#told[0] && until === this.#told[1]) return;
    this.#told = [from, until];
    this.#tell(from, until);
  }
}

/** How old a picture may be that somebody gets who has just begun to wait. */
export function freshness(frameTime: number): number {
  return MARGIN * knownFrameTime(frameTime);
}

function knownFrameTime(frameTime: number): number {
  return frameTime > 0 ? frameTime : UNKNOWN_FRAME_TIME;
}
