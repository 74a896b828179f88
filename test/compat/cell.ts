/** One cell of the table: the selected tests on one release in one runtime. */

import { Child } from "../support/child.ts";
import { testFiles } from "../run/test_files.ts";
import { counted, type RuntimeName, RUNTIMES } from "../support/runtimes.ts";
import type { Place } from "./places.ts";
import type { Selection } from "./selection.ts";

export interface Cell {
  readonly place: Place;
  readonly runtime: RuntimeName;
  readonly selections: readonly Selection[];
}

export interface CellResult {
  readonly place: Place;
  readonly runtime: RuntimeName;
  readonly passed: number;
  readonly failed: number;
  /** Of all its selections, as if one had come after the other. */
  readonly seconds: number;
  readonly log: string;
}

type Part = Pick<CellResult, "passed" | "failed" | "seconds" | "log">;

const LIMIT = 600_000;

function command(runtime: RuntimeName, { files, names }: Selection): string[] {
  const escaped = names?.map((name) => name.replace(/[.()]/g, "\\$&"));
  const pattern = escaped && `^(${escaped.join("|")})$`;
  const { test, named } = RUNTIMES[runtime];
  return [...test, ...(pattern ? named(pattern) : []), ...testFiles(files)];
}

async function runSelection(
  place: Place,
  runtime: RuntimeName,
  selection: Selection,
  env: Record<string, string>,
): Promise<Part> {
  const begin = performance.now();
  const [program, ...args] = [...place.prefix, ...command(runtime, selection)];
  await using child = new Child(program!, args, {
    env: { ...env, ...place.env, NO_COLOR: "1", RTSP_STREAM_COMPAT: place.release },
  });
  const timer = setTimeout(() => child.signal("SIGKILL"), LIMIT);
  const { code, signal } = await child.exited;
  clearTimeout(timer);
  let log = `${child.stdout}\n${child.stderr}`;
  const { passed, failed } = counted(runtime, log);
  // A runner that breaks off has failed, whatever it has counted.
  const broken = code !== 0 && failed === 0;
  if (broken) log += `\nThe runner ended with ${signal ?? `code ${code}`}.`;
  const missing = Math.max(0, (selection.names?.length ?? 1) - passed - failed);
  if (missing > 0) log += `\n${missing} of the selected tests did not run.`;
  const seconds = Math.round((performance.now() - begin) / 1000);
  return { passed, failed: failed + (missing || Number(broken)), seconds, log };
}

/** One process at a time of each selection, so many of all cells at once: the first selections first. */
export async function runCells(
  cells: readonly Cell[],
  atOnce: number,
  env: Record<string, string>,
  onResult: (result: CellResult) => void,
): Promise<CellResult[]> {
  const results: CellResult[] = [];
  const parts = new Map<Cell, Part[]>(cells.map((cell) => [cell, []]));
  const most = Math.max(...cells.map(({ selections }) => selections.length));
  const waiting = Array.from({ length: most }, (_, i) => i).flatMap((i) =>
    cells.filter(({ selections }) => i < selections.length)
      .map((cell) => ({ cell, selection: cell.selections[i] }))
  );
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { cell, selection } = next;
      const done = parts.get(cell) ?? [];
      done.push(await runSelection(cell.place, cell.runtime, selection!, env));
      if (done.length < cell.selections.length) continue;
      const result = sum(cell, done);
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

function sum({ place, runtime }: Cell, parts: readonly Part[]): CellResult {
  const total = (what: "passed" | "failed" | "seconds") =>
    parts.reduce((sum, part) => sum + part[what], 0);
  return {
    ...{ place, runtime },
    ...{ passed: total("passed"), failed: total("failed"), seconds: total("seconds") },
    log: parts.map(({ log }) => log).join("\n"),
  };
}
