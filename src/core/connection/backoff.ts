/**
 * How long to wait before another attempt.
 *
 * @module
 */

import { MAX_TIME } from "../timing/clock.ts";

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
  // Many failures in a row would make the factor infinite, and 0 times that NaN.
  const factor = Math.min(policy.backoff ** (n - 1), Number.MAX_VALUE);
  const delay = Math.min(policy.delay * factor, policy.maxDelay);
  return Math.min(delay * (1 + policy.jitter * (2 * random() - 1)), MAX_TIME);
}
