/**
 * Options of reconnection: for readers and writers the same.
 *
 * @module
 */

import type { StreamError } from "../connection/errors.ts";
import { callback, type FieldsOf, limit, number, time } from "./fields.ts";

/** When and how often a lost connection is opened again. */
export interface ReconnectOptions {
  /**
   * Milliseconds before the first attempt after a failure.
   * @default 1000
   */
  readonly delay?: number | undefined;
  /**
   * Factor by which the delay grows with every failure in a row, at least 1.
   * @default 1
   */
  readonly backoff?: number | undefined;
  /**
   * Longest delay in milliseconds.
   * @default 30_000
   */
  readonly maxDelay?: number | undefined;
  /**
   * Attempts in a row before the stream fails; 0 never reconnects.
   * @default Infinity
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Share of the delay, 0 … 1, that is added or subtracted at random, so that many
   * readers do not reconnect at the same moment.
   * @default 0
   */
  readonly jitter?: number | undefined;
  /**
   * Decides whether an error of a live stream is worth another attempt; not asked for files.
   * Default: `error.retryable`.
   */
  readonly retry?: ((error: StreamError) => boolean) | undefined;
}

type Retry = NonNullable<ReconnectOptions["retry"]>;

const retry = callback<Retry>();
const retryable: Retry = (error) => error.retryable;

export const RECONNECT_FIELDS = {
  delay: time(1_000),
  backoff: number(1, { min: 1, max: 1_000 }),
  maxDelay: time(30_000),
  maxAttempts: limit(Infinity, {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
    unit: "attempts",
  }),
  jitter: number(0, { min: 0, max: 1 }),
  retry: (name, value) => retry(name, value) ?? retryable,
} satisfies FieldsOf<ReconnectOptions>;
