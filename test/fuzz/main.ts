/**
 * `./run fuzz [CASES] [SEED]`: changed files and changed exchanges, so many of each, read in Deno,
 * in Bun and in Node. Case number n has the seed SEED + n: `./run fuzz 1 SEED` repeats one.
 */

import process from "node:process";
import { fuzzExchanges, fuzzFiles, type Tally } from "./campaign.ts";
import { RUNTIME_NAMES } from "../support/runtimes.ts";

function whole(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`./run fuzz [CASES] [SEED]: both are whole numbers, got ${text}`);
  process.exit(2);
}

function report(what: string, { outcomes, findings }: Tally): void {
  const sorted = Object.entries(outcomes).sort(([, a], [, b]) => b - a);
  console.log(`${what}: ${sorted.map(([how, count]) => `${how} ${count}`).join(", ")}`);
  for (const finding of findings) console.log("  FOUND", JSON.stringify(finding));
}

const [cases, first] = process.argv.slice(2);
const count = whole(cases, 200);
const seed = whole(first, Math.floor(Math.random() * 1e9));
console.log(`${count} files and ${count} exchanges in each runtime, from seed ${seed} on`);
let found = 0;
for (const runtime of RUNTIME_NAMES) {
  for (
    const [what, fuzz] of [["files", fuzzFiles], ["exchanges", fuzzExchanges]] as const
  ) {
    const tally = await fuzz({ runtime, cases: count, seed });
    report(`${runtime}, ${what}`, tally);
    found += tally.findings.length;
  }
}
process.exit(found === 0 ? 0 : 1);
