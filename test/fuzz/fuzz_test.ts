/** Whatever a file or a server has in it, nothing crashes and nothing hangs. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { fuzzExchanges, fuzzFiles, type Tally } from "./campaign.ts";
import { mutate } from "./mutation.ts";
import { running as runtime } from "../support/runtimes.ts";

const LONG = { timeout: 600_000 };

/** Changes that make all unreadable, or nothing, would find nothing. */
function assertFair({ outcomes, findings }: Tally, cases: number): void {
  assertEquals(findings, []);
  const { frames = 0, ...errors } = outcomes;
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
  assertEquals(frames + failed, cases);
  assert(frames > cases / 10 && failed > cases / 10, JSON.stringify(outcomes));
}

test("two hundred changed files neither crash nor hang", LONG, async () => {
  assertFair(await fuzzFiles({ runtime, cases: 200, seed: 1 }), 200);
});

test("two hundred changed exchanges neither crash nor hang", LONG, async () => {
  assertFair(await fuzzExchanges({ runtime, cases: 200, seed: 1, readers: 6 }), 200);
});

test("the same seed makes the same change, and others make others", () => {
  const bytes = Uint8Array.from({ length: 5_000 }, (_, i) => i);
  const changed = Array.from({ length: 200 }, (_, seed) => mutate(bytes, seed).toString("hex"));
  assertEquals(mutate(bytes, 7).toString("hex"), changed[7]);
  assert(new Set(changed).size > 190);
  assertEquals([...mutate(new Uint8Array(0), 3)], []);
});
