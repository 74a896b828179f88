/**
 * The selected tests on every release of FFmpeg in every runtime, as a table.
 *
 * Arguments: releases, for all of them; files, in place of the selected tests.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { CACHE } from "../run/cache.ts";
import { RUNTIME_NAMES, type RuntimeName } from "../support/runtimes.ts";
import { runCells } from "./cell.ts";
import { preparePlaces, SOURCES } from "./places.ts";
import { describe, table, total } from "./report.ts";
import { selectionsFor } from "./selection.ts";

/** Processes at the same time: most of their time is waiting for cameras. */
const AT_ONCE = 3 * availableParallelism();

const isRelease = (word: string) => /^\d+\.\d+$/.test(word);
const words = process.argv.slice(2);
const files = words.filter((word) => !isRelease(word));
const wanted = words.filter(isRelease);
const SUPPORTED = Object.keys(SOURCES);
const unknown = wanted.filter((release) => !(release in SOURCES));
if (unknown.length > 0) {
  console.error(`No release ${unknown.join(", ")}: there are ${SUPPORTED.join(", ")}.`);
  process.exit(2);
}

const temporary = mkdtempSync(join(tmpdir(), "rtsp-stream-compat-"));
// Children are killed at the exit too, and may still be writing.
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(130));
}

/** Node is asked on the oldest and the newest release, unless the releases are named. */
function runtimesFor(release: string): readonly RuntimeName[] {
  const isEnd = [SUPPORTED[0], SUPPORTED.at(-1)].includes(release);
  if (wanted.length > 0 || isEnd) return RUNTIME_NAMES;
  return RUNTIME_NAMES.filter((name) => name !== "node");
}

async function run(): Promise<boolean> {
  const releases = SUPPORTED.toReversed()
    .filter((release) => wanted.length === 0 || wanted.includes(release));
  const places = await preparePlaces(releases, join(CACHE, "compat"));
  const env = {
    TMPDIR: temporary,
    DENO_DIR: join(temporary, "deno"),
    NODE_COMPILE_CACHE: join(temporary, "node"),
  };
  const cells = places.flatMap((place) => {
    const selections = files.length > 0 ? [{ files }] : selectionsFor(place.release);
    return runtimesFor(place.release).map((runtime) => ({ place, runtime, selections }));
  });
  const results = await runCells(cells, AT_ONCE, env, (result) => {
    if (result.failed > 0) console.log(result.log);
    console.log(describe(result));
  });
  console.log(`\n${table(places, results)}\n\n${total(results)}`);
  return results.every(({ passed, failed }) => passed > 0 && failed === 0);
}

try {
  process.exitCode = await run() ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
