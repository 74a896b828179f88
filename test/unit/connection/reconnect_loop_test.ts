import { assertEquals, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { StreamError, type StreamErrorCode } from "../../../src/core/connection/errors.ts";
import { type AttemptEnd, reconnectLoop } from "../../../src/core/connection/reconnect_loop.ts";
import { resolve } from "../../../src/core/options/fields.ts";
import {
  RECONNECT_FIELDS,
  type ReconnectOptions,
} from "../../../src/core/options/reconnect_options.ts";
import { forAllAsync } from "../property.ts";

interface Run {
  readonly options?: ReconnectOptions | undefined;
  /** How the n-th attempt ends, n from 1. */
  attempt(n: number): AttemptEnd;
  /** Called at the end of the n-th sleep. */
  slept?(n: number, cancel: () => void): void;
  attempted?(n: number, cancel: () => void): void;
  retry?(cancel: () => void): boolean;
}

interface Log {
  readonly attempts: number[];
  readonly sleeps: number[];
  readonly retries: { attempt: number; delay: number; error: StreamError }[];
  readonly result: StreamError | undefined;
}

async function run({ options, attempt, slept, attempted, retry }: Run): Promise<Log> {
  const log = { attempts: [] as number[], sleeps: [] as number[], retries: [] as Log["retries"] };
  let cancelled = false;
  const cancel = () => void (cancelled = true);
  const given = retry ? { ...options, retry: () => retry(cancel) } : options;
  const policy = resolve("reconnect", given, RECONNECT_FIELDS);
  const result = await reconnectLoop(policy, {
    attempt(n) {
      log.attempts.push(n);
      attempted?.(n, cancel);
      return Promise.resolve(attempt(n));
    },
    sleep(milliseconds) {
      log.sleeps.push(milliseconds);
      slept?.(log.sleeps.length, cancel);
      return Promise.resolve();
    },
    onRetry: (retry) => void log.retries.push(retry),
    cancelled: () => cancelled,
    random: () => 0.5,
  });
  return { ...log, result };
}

function failure(connected = false, code: StreamErrorCode = "REFUSED") {
  const error = new StreamError({ code, operation: "open", url: "rtsp://camera/" });
  return { type: "failed", error, connected } as const;
}

const DONE: AttemptEnd = { type: "done" };

test("reconnectLoop() waits 1000, 2000, 4000 … up to the cap while attempts fail", async () => {
  const { sleeps, result } = await run({
    options: { backoff: 2, maxDelay: 10_000 },
    attempt: (n) => n <= 6 ? failure() : DONE,
  });
  assertEquals(sleeps, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  assertEquals(result, undefined);
});

test("reconnectLoop() begins again at the first delay after a connection", async () => {
  const { sleeps } = await run({
    options: { backoff: 2 },
    attempt: (n) => n === 4 ? failure(true) : n <= 6 ? failure() : DONE,
  });
  assertEquals(sleeps, [1_000, 2_000, 4_000, 1_000, 2_000, 4_000]);
});

test("reconnectLoop() waits the delay also after the first connection was lost", async () => {
  const { sleeps } = await run({ attempt: (n) => n === 1 ? failure(true) : DONE });
  assertEquals(sleeps, [1_000]);
});

test("reconnectLoop() makes one attempt and no wait when the first one is done", async () => {
  const { attempts, sleeps, retries, result } = await run({ attempt: () => DONE });
  assertEquals({ attempts, sleeps, retries, result }, {
    attempts: [1],
    sleeps: [],
    retries: [],
    result: undefined,
  });
});

for (const connected of [false, true]) {
  test(`reconnectLoop() never reconnects with maxAttempts 0 (connected: ${connected})`, async () => {
    const end = failure(connected);
    const { attempts, sleeps, retries, result } = await run({
      options: { maxAttempts: 0 },
      attempt: () => end,
    });
    assertEquals([attempts, sleeps, retries.length], [[1], [], 0]);
    assertStrictEquals(result, end.error);
  });
}

test("reconnectLoop() with maxAttempts 3 gives the last error after three more attempts", async () => {
  const ends = Array.from({ length: 10 }, () => failure());
  const { attempts, sleeps, result } = await run({
    options: { maxAttempts: 3 },
    attempt: (n) => ends[n]!,
  });
  assertEquals([attempts, sleeps.length], [[1, 2, 3, 4], 3]);
  assertStrictEquals(result, ends[4]!.error);
});

test("reconnectLoop() has all of maxAttempts again after a connection", async () => {
  const { attempts } = await run({
    options: { maxAttempts: 3 },
    attempt: (n) => failure(n === 3 || n === 6),
  });
  assertEquals(attempts, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("reconnectLoop() goes on as long as it takes with maxAttempts Infinity", async () => {
  const { attempts, result } = await run({ attempt: (n) => n < 5_000 ? failure() : DONE });
  assertEquals([attempts.length, result], [5_000, undefined]);
});

test("reconnectLoop() stops at once when retry says false, with that error", async () => {
  const asked: StreamError[] = [];
  const end = failure();
  const { attempts, sleeps, retries, result } = await run({
    options: { retry: (error) => asked.push(error) < 2 },
    attempt: (n) => n === 1 ? failure() : end,
  });
  assertEquals([attempts, sleeps.length, retries.length], [[1, 2], 1, 1]);
  assertStrictEquals(asked[1], end.error);
  assertStrictEquals(result, end.error);
});

test("reconnectLoop() does not repeat a wrong password unless retry says so", async () => {
  const attempt = (n: number) => n < 4 ? failure(false, "AUTH_FAILED") : DONE;
  assertEquals((await run({ attempt })).attempts, [1]);
  assertEquals((await run({ attempt, options: { retry: () => true } })).attempts, [1, 2, 3, 4]);
});

test("reconnectLoop() makes no attempt after it was cancelled during a sleep", async () => {
  const { attempts, sleeps, result } = await run({
    attempt: () => failure(),
    slept: (n, cancel) => n === 2 && cancel(),
  });
  assertEquals([attempts, sleeps.length, result], [[1, 2], 2, undefined]);
});

test("reconnectLoop() neither waits nor tells of an error when cancelled in an attempt", async () => {
  const { attempts, sleeps, retries, result } = await run({
    attempt: () => failure(),
    attempted: (n, cancel) => n === 2 && cancel(),
  });
  assertEquals([attempts, sleeps.length, retries.length, result], [[1, 2], 1, 1, undefined]);
});

test("reconnectLoop() neither waits nor tells of a retry when retry itself cancels", async () => {
  const { attempts, sleeps, retries, result } = await run({
    attempt: () => failure(),
    retry: (cancel) => (cancel(), true),
  });
  assertEquals([attempts, sleeps, retries, result], [[1], [], [], undefined]);
});

test("onRetry gets the number of the next attempt, the delay and the error of the last", async () => {
  const ends = [failure(), failure(true), failure()];
  const { retries, sleeps } = await run({
    options: { delay: 500, backoff: 3 },
    attempt: (n) => ends[n - 1] ?? DONE,
  });
  assertEquals(retries.map(({ attempt, delay }) => [attempt, delay]), [[2, 500], [3, 500], [
    4,
    1_500,
  ]]);
  assertEquals(retries.map(({ delay }) => delay), sleeps);
  retries.forEach(({ error }, i) => assertStrictEquals(error, ends[i]!.error));
});

test("reconnectLoop() ends exactly when failures in a row exceed maxAttempts", async () => {
  await forAllAsync(300, async (random) => {
    const maxAttempts = random.integer(0, 5);
    const connected = Array.from({ length: 200 }, () => random.number() < 0.4);
    let inRow = 0;
    const expected = 1 + connected.findIndex((w) => (inRow = w ? 1 : inRow + 1) > maxAttempts);
    const { attempts } = await run({
      options: { maxAttempts },
      attempt: (n) => n > connected.length ? DONE : failure(connected[n - 1]),
    });
    assertEquals(attempts.length, expected || connected.length + 1, `maxAttempts ${maxAttempts}`);
  });
});
