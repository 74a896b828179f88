/**
 * The tests, in Deno, Bun and Node: `deno run -A test/run.ts [FILE or FOLDER]...`
 *
 * Without arguments many processes test side by side, for most tests wait most of their time.
 */

import { availableParallelism } from "node:os";
import { keepCosts, knownCosts } from "./run/costs.ts";
import { inEveryRuntime, type Part, type Result, run } from "./run/part.ts";
import { inNode24, plan } from "./run/plan.ts";
import { type Room, sideBySide } from "./run/side_by_side.ts";
import { testFiles } from "./run/test_files.ts";

async function all(): Promise<Result[]> {
  const { beside, quiet, alone } = plan();
  const processors = availableParallelism();
  const costOf = knownCosts();
  const test = (parts: readonly Part[], room: Room) =>
    sideBySide(parts, costOf, room, (part) => run(part, "whole"));
  const results = [
    ...await test(beside, { parts: 5 * processors, processors: 0.95 * processors }),
    ...await test(quiet, { parts: 1.5 * processors, processors: 0.6 * processors }),
    ...await test(alone, { parts: 1, processors }),
  ];
  keepCosts(results);
  return results;
}

async function given(paths: readonly string[]): Promise<Result[]> {
  const results: Result[] = [];
  const parts = [...inEveryRuntime(paths), ...inNode24(testFiles(paths))];
  for (const part of parts) results.push(await run(part, "live"));
  return results;
}

const results = await (Deno.args.length > 0 ? given(Deno.args) : all());
const sum = (what: "passed" | "failed") => results.reduce((total, one) => total + one[what], 0);
const [passed, failed] = [sum("passed"), sum("failed")];
for (const { part, failed } of results) {
  if (failed > 0) console.log(`${failed} failed: ${part.runtime} ${part.name}`);
}
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
