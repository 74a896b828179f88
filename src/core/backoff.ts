/**
 * How long to wait before another attempt.
 *
 * @module
 */

/** The numbers of the back-off; times in milliseconds. */
export interface BackoffPolicy {
  readonly delay: number;
  readonly backoff: number;
  readonly maxDelay: number;
  /** 0 … 1: the share of the delay that is added or taken away at random. */
  readonly jitter: number;
}

/**
 * The wait before the n-th attempt in a row (n >= 1):
 * `min(delay * backoff^(n-1), maxDelay)`, give or take the jitter.
 *
 * @param random a number from 0 to 1, `Math.random` in real life
 */
export function backoffDelay(policy: BackoffPolicy, n: number, random: () => number): number {
  const delay = Math.min(policy.delay * policy.backoff ** (n - 1), policy.maxDelay);
  return delay * (1 + policy.jitter * (2 * random() - 1));
}
