/**
 * Options of reconnection: for readers and writers the same.
 *
 * @module
 */

import type { StreamError } from "../connection/errors.ts";
import type { ReconnectPolicy } from "../connection/reconnect_loop.ts";
import { checkFunction, checkNames, checkNumber, checkTime } from "./validate.ts";

/** When and how often a lost connection is made again. */
export interface ReconnectOptions {
  /**
   * Milliseconds before the first attempt after a failure.
   * @default 1000
   */
  readonly delay?: number;
  /**
   * Factor by which the delay grows with every failure in a row, at least 1.
   * @default 1
   */
  readonly backoff?: number;
  /**
   * Longest delay in milliseconds.
   * @default 30_000
   */
  readonly maxDelay?: number;
  /**
   * Attempts in a row before the stream fails; 0 never reconnects.
   * @default Infinity
   */
  readonly maxAttempts?: number;
  /**
   * Share of the delay, 0 … 1, that is added or taken away at random, so that
   * many readers do not come back at the same moment.
   * @default 0
   */
  readonly jitter?: number;
  /** Decides whether an error is worth another attempt; default: `error.retryable`. */
  readonly retry?: (error: StreamError) => boolean;
}

const NAMES = ["delay", "backoff", "maxDelay", "maxAttempts", "jitter", "retry"];

/** Checks the options and fills in the defaults. */
export function resolveReconnect(options: ReconnectOptions | undefined): ReconnectPolicy {
  checkNames("reconnect", options, NAMES);
  const maxAttempts = options?.maxAttempts === Infinity ? Infinity : checkNumber(
    "reconnect.maxAttempts",
    options?.maxAttempts,
    Infinity,
    { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, unit: "attempts (or Infinity)" },
  );
  return Object.freeze({
    delay: checkTime("reconnect.delay", options?.delay, 1_000),
    backoff: checkNumber("reconnect.backoff", options?.backoff, 1, { min: 1, max: 1_000 }),
    maxDelay: checkTime("reconnect.maxDelay", options?.maxDelay, 30_000),
    maxAttempts,
    jitter: checkNumber("reconnect.jitter", options?.jitter, 0, { min: 0, max: 1 }),
    retry: checkFunction("reconnect.retry", options?.retry) ?? ((error) => error.retryable),
  });
}
