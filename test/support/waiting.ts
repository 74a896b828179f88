/** Waiting with an end: what hangs fails by its name. */

import { setTimeout as sleep } from "node:timers/promises";

/** Rejects when it takes so long that something hangs. */
export async function within<T>(what: string, promise: PromiseLike<T>, ms = 15_000): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what}: not within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks until there is an answer; throws when there is none in time. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | null,
  ms = 15_000,
): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== false && value !== null) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(5);
  }
}

/** How many milliseconds it takes to settle. */
export async function timed(promise: PromiseLike<unknown>): Promise<number> {
  const begin = performance.now();
  await promise;
  return performance.now() - begin;
}

/** What a promise is rejected with; undefined when it is not. */
export function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(promise).then(() => undefined, (error: unknown) => error);
}
