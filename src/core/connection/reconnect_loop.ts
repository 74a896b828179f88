/**
 * The loop around attempts: when another one is made, and when to give up.
 * The attempts themselves are made elsewhere.
 *
 * @module
 */

import { backoffDelay, type BackoffPolicy } from "./backoff.ts";
import type { StreamError } from "./errors.ts";

/** The reconnect options with their defaults filled in. */
export interface ReconnectPolicy extends BackoffPolicy {
  readonly maxAttempts: number;
  readonly retry: (error: StreamError) => boolean;
}

/** How one attempt ended. */
export type AttemptEnd =
  /** The stream is over: a file's end, or the program stopped it. */
  | { readonly type: "done" }
  /**
   * `connected`: it had been connected, frames had passed. `resetsBackoff` (default: as
   * `connected`): the failure is not one more in a row, but the first of a new one.
   */
  | {
    readonly type: "failed";
    readonly error: StreamError;
    readonly connected: boolean;
    readonly resetsBackoff?: boolean | undefined;
  };

export interface ReconnectHooks {
  /** One attempt; `attempt` counts from 1. Never rejects. */
  attempt(attempt: number): Promise<AttemptEnd>;
  /** Resolves after the time, or at once when the loop is cancelled. */
  sleep(milliseconds: number): Promise<void>;
  /** Before the wait for another attempt. */
  onRetry(retry: { attempt: number; delay: number; error: StreamError }): void;
  /** The program wants no more attempts. */
  cancelled(): boolean;
  random(): number;
}

/** Runs attempts until one is done, or no more may be made: then its error is returned. */
export async function reconnectLoop(
  policy: ReconnectPolicy,
  hooks: ReconnectHooks,
): Promise<StreamError | undefined> {
  let failures = 0;
  for (let attempt = 1;; attempt++) {
    const end = await hooks.attempt(attempt);
    if (end.type === "done" || hooks.cancelled()) return undefined;
    failures = end.resetsBackoff ?? end.connected ? 1 : failures + 1;
    if (failures > policy.maxAttempts || !policy.retry(end.error)) return end.error;
    // The decision is the program's, which may have stopped the stream instead.
    if (hooks.cancelled()) return undefined;
    const delay = backoffDelay(policy, failures, hooks.random);
    hooks.onRetry({ attempt: attempt + 1, delay, error: end.error });
    await hooks.sleep(delay);
    if (hooks.cancelled()) return undefined;
  }
}
