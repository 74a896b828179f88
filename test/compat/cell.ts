/** One cell of the table: the selected tests on one release in one runtime. */

import { Child } from "../support/child.ts";
import type { Place } from "./places.ts";
import type { Selection } from "./selection.ts";

export const RUNTIMES = ["deno", "bun"] as const;
export type Runtime = typeof RUNTIMES[number];

export interface Cell {
  readonly place: Place;
  readonly runtime: Runtime;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly log: string;
}

const LIMIT = 600_000;

function command(runtime: Runtime, { files, names }: Selection): string[] {
  const escaped = names?.map((name) => name.replace(/[.()]/g, "\\$&"));
  const pattern = escaped && `^(${escaped.join("|")})$`;
  return runtime === "deno"
    ? ["deno", "test", "-A", "--no-check", ...(pattern ? [`--filter=/${pattern}/`] : []), ...files]
    : ["bun", "test", "--timeout", "60000", ...(pattern ? ["-t", pattern] : []), ...files];
}

/** The numbers that a runtime ends its report with. */
export function counts(log: string): { passed: number; failed: number } {
  const deno = log.match(/^(?:ok|FAILED) \| (\d+) passed.* \| (\d+) failed/m);
  if (deno) return { passed: Number(deno[1]), failed: Number(deno[2]) };
  const last = (word: string) =>
    Number([...log.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"))].at(-1)?.[1] ?? 0);
  return { passed: last("pass"), failed: last("fail") };
}

async function runSelection(
  place: Place,
  runtime: Runtime,
  selection: Selection,
  env: Record<string, string>,
): Promise<Pick<Cell, "passed" | "failed" | "log">> {
  const [program, ...args] = [...place.prefix, ...command(runtime, selection)];
  await using child = new Child(program, args, {
    env: { ...env, ...place.env, NO_COLOR: "1", RTSP_STREAM_COMPAT: place.release },
  });
  const timer = setTimeout(() => child.signal("SIGKILL"), LIMIT);
  const { code, signal } = await child.exited;
  clearTimeout(timer);
  let log = `${child.stdout}\n${child.stderr}`;
  const { passed, failed } = counts(log);
  // A runner that breaks off has failed, whatever it has counted.
  const broken = code !== 0 && failed === 0;
  if (broken) log += `\nThe runner ended with ${signal ?? `code ${code}`}.`;
  const missing = Math.max(0, (selection.names?.length ?? 1) - passed - failed);
  if (missing > 0) log += `\n${missing} of the selected tests did not run.`;
  return { passed, failed: failed + (missing || Number(broken)), log };
}

export async function runCell(
  place: Place,
  runtime: Runtime,
  selections: readonly Selection[],
  env: Record<string, string>,
): Promise<Cell> {
  const begin = performance.now();
  const sum = { passed: 0, failed: 0, log: "" };
  for (const selection of selections) {
    const { passed, failed, log } = await runSelection(place, runtime, selection, env);
    sum.passed += passed;
    sum.failed += failed;
    sum.log += log;
    // What cannot be loaded fails in the same way everywhere.
    if (passed === 0) break;
  }
  return { place, runtime, ...sum, seconds: Math.round((performance.now() - begin) / 1000) };
}
