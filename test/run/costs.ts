/** What each part took when it last ran here, or what it typically takes. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { RUNTIME_NAMES } from "../support/runtimes.ts";
import { CACHE } from "./cache.ts";
import type { Cost, Part, Result } from "./part.ts";

/** By runtime and name: seconds, and seconds of the processors. */
type Table = Record<string, readonly [wall: number, cpu: number]>;

const TYPICAL = fileURLToPath(new URL("typical_costs.json", import.meta.url));
const MEASURED = join(CACHE, "test_costs.json");
/** Of a file that has never been run. */
const UNKNOWN: Cost = { wall: 20, cpu: 8 };

function read(file: string): Table {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // It is only about the order.
    return {};
  }
}

function key({ runtime, name }: Pick<Part, "runtime" | "name">): string {
  return `${runtime} ${name}`;
}

/** What is not known of a runtime is about the same in another. */
export function knownCosts(): (part: Part) => Cost {
  const table = { ...read(TYPICAL), ...read(MEASURED) };
  return ({ runtime, name }) => {
    const known = [runtime, ...RUNTIME_NAMES].map((runtime) => table[key({ runtime, name })])
      .find((row) => row !== undefined);
    return known ? { wall: known[0], cpu: known[1] } : UNKNOWN;
  };
}

/** Keeps what has just been measured; a part that failed may have ended early. */
export function keepCosts(results: readonly Result[]): void {
  const table: Table = { ...read(MEASURED) };
  for (const { part, failed, cost } of results) {
    if (failed === 0) table[key(part)] = [round(cost.wall), round(cost.cpu)];
  }
  try {
    mkdirSync(CACHE, { recursive: true });
    const draft = `${MEASURED}.${process.pid}`;
    const rows = Object.entries(table).sort().map(([name, cost]) =>
      `  ${JSON.stringify(name)}: ${JSON.stringify(cost)}`
    );
    writeFileSync(draft, `{\n${rows.join(",\n")}\n}\n`);
    renameSync(draft, MEASURED);
  } catch {
    // The next run has another order, and no other result.
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
