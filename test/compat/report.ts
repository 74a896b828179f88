/** The table of releases and runtimes. */

import { RUNTIME_NAMES } from "../support/runtimes.ts";
import type { CellResult } from "./cell.ts";
import type { Place } from "./places.ts";

function words({ passed, failed, seconds }: CellResult): string {
  return `${passed} passed, ${failed} failed (${seconds} s)`;
}

export function describe(cell: CellResult): string {
  return `FFmpeg ${cell.place.release} in ${cell.runtime}: ${words(cell)}`;
}

export function table(places: readonly Place[], cells: readonly CellResult[]): string {
  const rows = places.map((place) => [
    `${place.release} (${place.source})`,
    ...RUNTIME_NAMES.map((runtime) => {
      const cell = cells.find((one) => one.place === place && one.runtime === runtime);
      return cell ? words(cell) : "-";
    }),
  ]);
  const all = [["FFmpeg", ...RUNTIME_NAMES], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row.map((text, i) => text.padEnd(widths[i]!)).join("  ").trimEnd();
  return all.map(line).join("\n");
}

/** The closing line, as `./run test` has it. */
export function total(cells: readonly CellResult[]): string {
  const [passed, failed] = cells.reduce(
    ([passed, failed], cell) => [passed + cell.passed, failed + cell.failed],
    [0, 0],
  );
  return `${passed} passed, ${failed} failed`;
}
