/**
 * Which pictures of several cameras belong together.
 *
 * A window is one picture of each camera; its skew is the time from the first to
 * the last of them. The windows that matter begin with a picture and have of every
 * other camera the first one from there on: no other is as narrow. Pictures that
 * are only expected take part, so that a window is not given out when a narrower
 * one with some of the same pictures is about to come.
 *
 * @module
 */

/** Milliseconds by which another window must be narrower: cameras are not more even. */
const BETTER_BY = 2;

/** A picture that may be in a set; times are milliseconds of `now()`. */
export interface Candidate {
  readonly index: number;
  /** By the clock that the cameras are compared with. */
  readonly time: number;
  /** When it was here. */
  readonly arrival: number;
}

/** The pictures of one camera that have not been in a set. */
export interface Lane<C extends Candidate = Candidate> {
  /** Oldest first. */
  readonly candidates: readonly C[];
  /** The picture of the last set. */
  readonly current?: C | undefined;
  /** Whether its pictures still come; if not, sets that need not be complete do without it. */
  readonly awaited: boolean;
  /** The next picture, where it is about to come, and until when it is. */
  readonly expected?: { readonly time: number; readonly until: number } | undefined;
}

export interface PairingRules {
  /** The largest skew. */
  readonly tolerance: number;
  /** How long a picture waits for those of other cameras. */
  readonly maxWait: number;
  /** Whether a set has a picture of every camera. */
  readonly complete: boolean;
  /** Whether what is about to come is waited for. */
  readonly patient: boolean;
  /** Pictures up to that time make no incomplete set. */
  readonly after: number;
}

/** One picture per lane, undefined where it is missing; or when to look again at the latest. */
export type Pairing<C extends Candidate = Candidate> =
  | { readonly picks: readonly (C | undefined)[] }
  | { readonly until: number };

interface Window {
  /** Per lane; the place behind the last one is the expected picture. */
  readonly places: readonly number[];
  readonly start: number;
  readonly skew: number;
  readonly real: boolean;
}

/**
 * The newest picture of each camera, once there is a new one of each, or one of them
 * has waited long enough: then the others' are those of the last set. A nearer picture
 * that is about to come is waited for: sets that once began with the wrong half of a
 * pair would else go on like that, as both pictures of the next set are new again.
 */
export function newestOfEach<C extends Candidate>(
  lanes: readonly Lane<C>[],
  { tolerance, maxWait, complete, patient }: PairingRules,
  now: number,
): Pairing<C> {
  const picks = lanes.map(({ candidates, current, awaited }) => {
    return awaited ? candidates.at(-1) ?? current : undefined;
  });
  const newest = Math.max(...picks.map((pick) => pick?.time ?? -Infinity));
  const near = picks.map((pick) => pick && pick.time >= newest - tolerance ? pick : undefined);
  if (complete && near.includes(undefined)) return { until: Infinity };
  const coming = lanes.filter(({ awaited }) => awaited);
  const unseen = coming.flatMap(({ candidates }) => candidates.slice(0, 1));
  if (unseen.length === 0) return { until: Infinity };
  const until = Math.min(...unseen.map(({ arrival }) => arrival + maxWait));
  if (patient && until > now) {
    if (unseen.length < coming.length) return { until };
    const better = narrowerUntil(lanes, near);
    if (better !== undefined) return { until: Math.min(until, better) };
  }
  return { picks: near };
}

/** Until when a picture is about to come that makes a narrower set in place of the oldest one. */
function narrowerUntil(
  lanes: readonly Lane[],
  picks: readonly (Candidate | undefined)[],
): number | undefined {
  const times = picks.map((pick) => pick?.time ?? Infinity);
  const oldest = times.indexOf(Math.min(...times));
  const expected = lanes[oldest]?.expected;
  if (!expected) return undefined;
  const others = picks.flatMap((pick, i) => pick && i !== oldest ? pick.time : []);
  const first = Math.min(expected.time, ...others);
  const last = Math.max(expected.time, ...others);
  const skew = Math.max(...others) - times[oldest]!;
  return last - first < skew - BETTER_BY ? expected.until : undefined;
}

/** The newest set of pictures that are near to each other in time. */
export function pair<C extends Candidate>(
  lanes: readonly Lane<C>[],
  rules: PairingRules,
  now: number,
): Pairing<C> {
  const required = rules.complete ? lanes : lanes.filter(({ awaited }) => awaited);
  const window = bestWindow(required, rules);
  if (window?.real) {
    const picks = lanes.map((lane) => {
      const place = window.places[required.indexOf(lane)];
      return place === undefined ? undefined : lane.candidates[place];
    });
    return { picks };
  }
  if (window) {
    return { until: Math.min(...required.map((lane) => lane.expected?.until ?? Infinity)) };
  }
  return rules.complete ? { until: Infinity } : incomplete(lanes, rules, now);
}

/**
 * The newest window, or a narrower one that shares pictures with it; or one that is
 * yet to come and better than that.
 */
function bestWindow(lanes: readonly Lane[], rules: PairingRules): Window | undefined {
  const windows = windowsOf(lanes, rules);
  const real = windows.filter((window) => window.real);
  const newest = real.reduce<Window | undefined>(later, undefined);
  if (!newest) return undefined;
  const best = narrower(real, newest);
  // What has nothing to do with the best one can come after it.
  return narrower(windows.filter((window) => !window.real), best);
}

function later(one: Window | undefined, other: Window): Window {
  return one && one.start >= other.start ? one : other;
}

/** The narrowest of the windows that share pictures with one, if it is better than that. */
function narrower(windows: readonly Window[], one: Window): Window {
  let best = one;
  for (const window of windows) {
    const bound = best === one ? one.skew - BETTER_BY : best.skew;
    if (window.skew < bound && shares(window, one)) best = window;
  }
  return best;
}

function shares(one: Window, other: Window): boolean {
  return one.places.some((place, lane) => place === other.places[lane]);
}

function windowsOf(lanes: readonly Lane[], { tolerance, patient }: PairingRules): Window[] {
  const times = lanes.map(({ candidates, expected }) => {
    const here = candidates.map(({ time }) => time);
    return patient && expected ? [...here, expected.time] : here;
  });
  const windows: Window[] = [];
  for (const start of new Set(times.flat())) {
    const places = times.map((lane) => lane.findIndex((time) => time >= start));
    if (places.includes(-1)) continue;
    const skew = Math.max(...places.map((place, lane) => times[lane]![place]!)) - start;
    if (skew > tolerance) continue;
    const real = places.every((place, lane) => place < lanes[lane]!.candidates.length);
    windows.push({ places, start, skew, real });
  }
  return windows;
}

/** A set around the newest picture that has waited long enough. */
function incomplete<C extends Candidate>(
  lanes: readonly Lane<C>[],
  { tolerance, maxWait, after }: PairingRules,
  now: number,
): Pairing<C> {
  const waiting = lanes.flatMap(({ candidates, awaited }) => awaited ? candidates : [])
    .filter(({ time }) => time > after);
  const due = waiting.filter(({ arrival }) => arrival + maxWait <= now);
  if (due.length === 0) {
    return { until: Math.min(...waiting.map(({ arrival }) => arrival + maxWait)) };
  }
  const anchor = due.reduce((newest, one) => one.time > newest.time ? one : newest);
  let [first, last] = [anchor.time, anchor.time];
  const picks = lanes.map(({ candidates }) => {
    if (candidates.includes(anchor)) return anchor;
    const near = nearest(candidates, anchor.time);
    if (!near) return undefined;
    const [low, high] = [Math.min(first, near.time), Math.max(last, near.time)];
    if (high - low > tolerance) return undefined;
    [first, last] = [low, high];
    return near;
  });
  return { picks };
}

function nearest<C extends Candidate>(candidates: readonly C[], time: number): C | undefined {
  let best: C | undefined;
  for (const one of candidates) {
    if (!best || Math.abs(one.time - time) < Math.abs(best.time - time)) best = one;
  }
  return best;
}
