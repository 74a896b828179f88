/** A program that works for a while, and what it holds more than before. */

import { fileURLToPath } from "node:url";
import { Child } from "../support/child.ts";
import { cameraH264 } from "../support/elementary.ts";
import { resolutionChange } from "../support/media.ts";
import { freePort } from "../support/port.ts";
import { type RuntimeName, RUNTIMES } from "../support/runtimes.ts";
import { startWrongCamera } from "../support/wrong_camera.ts";
import type { Places } from "./activities.ts";
import type { Row } from "./program.ts";

const SCRIPT = fileURLToPath(new URL("./program.ts", import.meta.url));

const MB = 1e6;
/** What a heap grows by, and shrinks by, without any reason of ours. */
const NOISE = 12 * MB;
/** Bytes for each time that something is done. */
const ALLOWED: Readonly<Record<string, number>> = {
  reconnections: 5 * MB / 1_000,
  "refused attempts": 20 * MB / 30_000,
};
const ALLOWED_ELSE = 2_000;
/** Threads that a runtime keeps for itself for a while. */
const SPARE_THREADS = 4;

/** Runs all activities in a process of a runtime, so many seconds each. */
export async function soak(
  runtime: RuntimeName,
  seconds: number,
  onRow: (row: Row) => void = () => {},
): Promise<Row[]> {
  const footage = await cameraH264();
  await using camera = await startWrongCamera({ footage });
  await using hangsUp = await startWrongCamera({ footage, hangUp: { at: 3 }, burst: 3 });
  const places: Places = {
    camera: camera.url,
    hangsUp: hangsUp.url,
    closed: `rtsp://127.0.0.1:${await freePort()}/stream`,
    sizes: await resolutionChange(),
  };
  const rows: Row[] = [];
  const { script: [command, ...words], permitting, frugal } = RUNTIMES[runtime];
  const args = [
    ...words,
    ...permitting,
    ...frugal,
    SCRIPT,
    String(seconds),
    JSON.stringify(places),
  ];
  await using child = new Child(command, args, {
    onLine: (line) => {
      const row: Row = JSON.parse(line);
      rows.push(row);
      onRow(row);
    },
  });
  const { code, signal } = await child.exited;
  if (code !== 0) throw new Error(`${runtime} ended with ${signal ?? code}: ${child.stderr}`);
  return rows;
}

/** What a row has more than it may; empty when all is well. */
export function faultsOf({ activity, count, memory, ...row }: Row): string[] {
  const faults: string[] = [];
  const grown = memory.after - memory.before;
  const allowed = NOISE + count * (ALLOWED[activity] ?? ALLOWED_ELSE);
  if (grown > allowed) faults.push(`${megabytes(grown)} MB more, allowed ${megabytes(allowed)}`);
  const files = row.files.after - row.files.before;
  if (files > 0) faults.push(`${files} files more`);
  const threads = row.threads.after - row.threads.before;
  if (threads > SPARE_THREADS) faults.push(`${threads} threads more`);
  if (count === 0) faults.push("nothing was done");
  return faults;
}

/** A line of the table. */
export function tableRow(row: Row): string {
  const { activity, count, memory, threads, files } = row;
  const cells = [
    activity,
    count,
    megabytes(memory.before),
    megabytes(memory.after),
    `${threads.before} → ${threads.after}`,
    `${files.before} → ${files.after}`,
    faultsOf(row).join(", ") || "ok",
  ];
  return `| ${cells.join(" | ")} |`;
}

export const TABLE_HEAD = [
  "| what | times | MB before | MB after | threads | files | |",
  "| --- | --- | --- | --- | --- | --- | --- |",
].join("\n");

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(1);
}
