/**
 * Pictures of several cameras that belong together, by their times.
 *
 * @module
 */

/** The pictures of one camera that may become part of a set, oldest first. */
export interface Candidates {
  /** Milliseconds by one clock for all cameras. */
  readonly times: readonly number[];
}

/** Which picture of each camera: an index into its candidates. */
export interface Match {
  readonly picks: readonly number[];
  /** Milliseconds from the first to the last of them. */
  readonly skew: number;
}

/**
 * The newest pictures that were taken within `tolerance` of each other, one of
 * each camera; undefined when there are none.
 */
export function newestMatch(
  cameras: readonly Candidates[],
  tolerance: number,
): Match | undefined {
  if (cameras.length === 0 || cameras.some(({ times }) => times.length === 0)) return undefined;
  // A set is no newer than the newest picture of the camera that is furthest behind.
  const newest = cameras.map(({ times }) => times[times.length - 1]);
  const last = cameras[newest.indexOf(Math.min(...newest))];
  for (const anchor of last.times.toReversed()) {
    const match = matchAt(cameras, anchor);
    if (match.skew <= tolerance) return match;
  }
  return undefined;
}

/** The newest picture of each camera, whenever they were taken. */
export function newestOfEach(cameras: readonly Candidates[]): Match | undefined {
  if (cameras.length === 0 || cameras.some(({ times }) => times.length === 0)) return undefined;
  const picks = cameras.map(({ times }) => times.length - 1);
  return { picks, skew: skewOf(cameras, picks) };
}

function matchAt(cameras: readonly Candidates[], anchor: number): Match {
  const picks = cameras.map(({ times }) => nearest(times, anchor));
  return { picks, skew: skewOf(cameras, picks) };
}

function nearest(times: readonly number[], anchor: number): number {
  let best = 0;
  times.forEach((time, index) => {
    if (Math.abs(time - anchor) <= Math.abs(times[best] - anchor)) best = index;
  });
  return best;
}

function skewOf(cameras: readonly Candidates[], picks: readonly number[]): number {
  const times = cameras.map((camera, index) => camera.times[picks[index]]);
  return Math.max(...times) - Math.min(...times);
}
