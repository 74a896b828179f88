/**
 * Times for containers, which have no way back: those of a stream, mended where they are
 * nonsense.
 *
 * @module
 */

/** H.264 and HEVC keep at most 16 pictures back. */
const MAX_REORDER = 16;
/** Of 16 pictures that refer to each other by halves, so many are each shown before the last. */
const MAX_FALLS = 4;
/** Times after which a step that others have not confirmed is as good as the line before. */
const TRUSTED_AFTER = 8;
/** Milliseconds by which one step may be longer than the wait for it, at first and later. */
const EARLY_LIMIT = 10_000;
const LIMIT = 1_000;
/** Milliseconds by which the first pictures may be shown before one that came earlier. */
const EARLY_REORDER = 2_000;
/**
 * A clock is not followed that goes so much slower than ours, for as many pictures as
 * their weights have this sum: libav makes up 25 pictures a second for a stream without
 * times. A network that is late gives the next pictures all the faster.
 */
const STANDING = { factor: 8, weight: 3 };
const SLOW = { factor: 1.5, weight: 1 };
const STANDING_AFTER = 24;
/** Nor one that has gone so much faster in each of so many spans of so many milliseconds. */
const FAST = { factor: 1.5, spans: 3, span: 1_000 };
/** Milliseconds between pictures that say something of a clock: others come together. */
const LEAST_WAIT = 5;
/** Milliseconds from one picture to the next where nothing tells. */
const USUAL_STEP = 40;

/** A time that is after all before it, or between them where pictures are reordered. */
export interface MendedTime {
  readonly time: bigint;
  /** It is not the stream's own. */
  readonly mended: boolean;
}

export interface TimeMenderOptions {
  /** Units of the times, each millisecond. */
  readonly perMs: number;
  /** Whether a picture may be shown before one that came earlier. */
  readonly reordered: boolean;
  /** Whether the stream is as fast as life, so that the arrivals say something. */
  readonly live: boolean;
  /** Milliseconds from one picture to the next where no times tell, if that is known. */
  readonly frameInterval?: (() => number | undefined) | undefined;
}

/** Times that go on from one another. */
interface Line {
  /** The latest so far, sorted. */
  latest: number[];
  /** When the last one of them came, in units. */
  arrival: number;
  /** What makes an own time one of ours. */
  correction: number;
  /** Pictures in a row. */
  count: number;
  /** The weights of pictures in a row for which the clock stood, or was slow. */
  standing: number;
  /** What has passed meanwhile without being counted, in units. */
  owed: number;
  /** The span that is looked at, and for how many in a row the clock was too fast. */
  span: { time: number; arrival: number; fast: number };
}

/**
 * Of one stream of one connection. The steps are the stream's own as long as they make
 * sense. A single time that is far away, a clock that stands, a missing time: the arrival
 * counts. A stream whose times begin anew goes on where it was.
 */
export class TimeMender {
  readonly #options: TimeMenderOptions;
  /** The stream's first time, from which all are counted. */
  #zero: bigint | undefined;
  /** The one that is trusted, and one that may be the next. */
  #lines: Line[] = [];
  /** In units. */
  #arrival: number | undefined;
  /** The stream's own last time, and how many times one after the other went back. */
  #own = NaN;
  #falls = 0;
  /** The times given out last. */
  #given: number[] = [];
  #last = -Infinity;

  constructor(options: TimeMenderOptions) {
    this.#options = options;
  }

  /** Units of the usual step from one picture to the next. */
  get step(): number {
    const [{ latest } = { latest: [] }] = this.#lines;
    const span = latest.length > 1 ? latest.at(-1)! - latest[0]! : 0;
    if (span > 0) return span / (latest.length - 1);
    const { perMs, frameInterval } = this.#options;
    return (frameInterval?.() ?? USUAL_STEP) * perMs;
  }

  /**
   * @param own the stream's time; undefined where it has none
   * @param arrived milliseconds
   */
  next(own: bigint | undefined, arrived: number): MendedTime {
    const zero = this.#zero ??= own ?? 0n;
    const arrival = arrived * this.#options.perMs;
    const waited = Math.max(0, arrival - (this.#arrival ?? arrival));
    this.#arrival = arrival;
    if (own === undefined) return this.#give(this.#byArrival(waited), true);
    const time = Number(own - zero);
    this.#falls = time < this.#own ? this.#falls + 1 : 0;
    this.#own = time;
    const line = this.#falls > MAX_FALLS
      ? undefined
      : this.#lines.find((line) => this.#continues(line, time, arrival));
    if (!line) return this.#lost(time, arrival, waited);
    const fast = this.#isFast(line, time, arrival);
    const stands = this.#stands(line, time, arrival) || fast;
    if (stands) {
      line.correction = this.#byArrival(waited) + line.owed - time;
      line.owed = 0;
    }
    const strange = line !== this.#lines[0];
    const later = time > line.latest.at(-1)!;
    this.#lengthen(line, time, arrival);
    const wanted = time + line.correction;
    // What is shown after all before it stays so, whatever those were given.
    const overtaken = later && wanted <= this.#last;
    return this.#give(
      overtaken ? this.#last + this.#options.perMs : wanted,
      strange || stands || overtaken,
    );
  }

  /** Whether a time may follow those of a line. */
  #continues({ latest, arrival: before }: Line, time: number, arrival: number): boolean {
    const { perMs, reordered, live } = this.#options;
    const step = time - latest.at(-1)!;
    const known = latest.length > MAX_REORDER;
    if (step > 0) {
      const limit = known ? Math.max(LIMIT * perMs, MAX_REORDER * this.step) : EARLY_LIMIT * perMs;
      return !live || step <= arrival - before + limit;
    }
    if (!reordered || latest.includes(time)) return false;
    return known ? time > latest[0]! : step >= -EARLY_REORDER * perMs;
  }

  /** The line goes on, but its clock does not. */
  #stands(line: Line, time: number, arrival: number): boolean {
    const step = time - line.latest.at(-1)!;
    const waited = arrival - line.arrival;
    const { live, perMs } = this.#options;
    if (!live || step < 0) return false;
    // Pictures that come together say that the clock goes, or nothing.
    const late = waited >= LEAST_WAIT * perMs;
    const found = late && [STANDING, SLOW].find(({ factor }) => step < waited / factor);
    if (found) line.standing += found.weight;
    else if (step >= LEAST_WAIT * perMs) line.standing = line.owed = 0;
    if (line.standing > STANDING_AFTER) return true;
    if (line.standing > 0) line.owed += waited - step;
    return false;
  }

  /** The line goes on, and its clock has gone too fast for long enough. */
  #isFast({ span, latest, arrival: before }: Line, time: number, arrival: number): boolean {
    const { live, perMs } = this.#options;
    if (!live) return false;
    const last = latest.at(-1)!;
    // Pictures that come together were late, or kept for us: that is no clock.
    if (arrival - before < LEAST_WAIT * perMs) span.time += Math.max(0, time - last);
    const passed = arrival - span.arrival;
    if (passed >= FAST.span * perMs) {
      const newest = Math.max(last, time);
      span.fast = newest - span.time > FAST.factor * passed ? span.fast + 1 : 0;
      span.time = newest;
      span.arrival = arrival;
    }
    return span.fast >= FAST.spans;
  }

  #lengthen(line: Line, time: number, arrival: number): void {
    line.latest = [...line.latest, time].sort((a, b) => a - b).slice(-MAX_REORDER - 1);
    line.arrival = arrival;
    line.count++;
    const [trusted, other] = this.#lines;
    if (line === trusted) {
      if (other) other.count = 0;
    } else if (line.count >= TRUSTED_AFTER) {
      // The times have begun anew.
      this.#lines = [line];
    }
  }

  /** A time that follows from none: a fault, a clock that stands, or the first of others. */
  #lost(time: number, arrival: number, waited: number): MendedTime {
    const first = this.#last === -Infinity;
    const given = first ? time : this.#byArrival(waited);
    const mended = this.#give(given, !first);
    if (!this.#lines.some(({ latest }) => latest.includes(time))) {
      const line = {
        latest: [time],
        arrival,
        correction: this.#given.at(-1)! - time,
        count: 1,
        standing: 0,
        owed: 0,
        span: { time, arrival, fast: 0 },
      };
      this.#lines = [...this.#lines.slice(0, 1), line];
    }
    return mended;
  }

  /** After all that were given out, by the time that has passed. */
  #byArrival(waited: number): number {
    if (this.#last === -Infinity) return 0;
    const { live, perMs } = this.#options;
    const [{ latest } = { latest: [] }] = this.#lines;
    const { step } = this;
    // One picture later, unless there really was a pause: the next may be right again.
    const known = latest.length > MAX_REORDER && waited < 3 * step;
    const passed = known ? Math.min(waited, step) : waited;
    return this.#last + Math.max(perMs, live ? passed : step);
  }

  #give(wanted: number, mended: boolean): MendedTime {
    let time = Math.round(wanted);
    // No two have one time, and without reordering none goes back.
    if (!this.#options.reordered) time = Math.max(time, this.#last + 1);
    while (this.#given.includes(time)) time++;
    this.#given = [...this.#given, time].slice(-2 * MAX_REORDER);
    this.#last = Math.max(this.#last, time);
    return {
      time: BigInt(time) + (this.#zero ?? 0n),
      mended: mended || time !== Math.round(wanted),
    };
  }
}
