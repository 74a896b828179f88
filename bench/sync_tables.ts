/** Tables of what readers of two cameras have printed. */
import type { Table } from "./page.ts";
import type { PairResult, TakenSet } from "./pair.ts";
import { cell, percentile } from "./statistics.ts";
import { REFERENCE } from "./sync_readers.ts";
import type { Outcome } from "./sync_rounds.ts";

const HEAD = [
  "reader",
  "skew ms",
  "p99 ratio",
  "newer picture's age ms",
  "older picture's age ms",
  "sets a second",
];
const PAUSE_HEAD = ["reader", "older picture's age p50 ms", "worst ms", "p50 ratio", "skew p50 ms"];

/** Skews, ages and rates. */
export function skewTable({ runs, leastSkews }: Outcome): Table {
  const reference = percentile(skews(setsOf(runs.get(REFERENCE) ?? [])), 0.99);
  const least = percentile(leastSkews, 0.99);
  return [
    HEAD,
    ...[...runs].map(([name, results]) => cells(name, results, reference)),
    ...leastSkews.length === 0
      ? []
      : [["least possible", three(leastSkews), ratio(least, reference), "–", "–", "–"]],
  ];
}

/** What came first after each pause. */
export function pauseTable({ runs }: Outcome): Table {
  const reference = percentile(ages(pausesOf(runs.get(REFERENCE) ?? [])), 0.5);
  return [
    PAUSE_HEAD,
    ...[...runs].map(([name, results]) => {
      const sets = pausesOf(results);
      const age = percentile(ages(sets), 0.5);
      const worst = percentile(ages(sets), 1);
      const skew = percentile(skews(sets), 0.5);
      return [name, cell(age), cell(worst), ratio(age, reference), cell(skew)];
    }),
  ];
}

/** One run, for the console. */
export function summary({ sets, afterPause, misread }: PairResult): string {
  const pauses = afterPause.map(({ oldest }) => cell(oldest)).join(", ");
  return `skew ${three(skews(sets))}, ${sets.length} sets` +
    (pauses && `, after a pause ${pauses}`) + (misread ? `, ${misread} unreadable` : "");
}

function cells(name: string, results: readonly PairResult[], reference: number): string[] {
  const sets = setsOf(results);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  return [
    name,
    three(skews(sets)),
    ratio(percentile(skews(sets), 0.99), reference),
    three(sets.map(({ newest }) => newest)),
    three(ages(sets)),
    // The last one of every run is beyond its time.
    cell((sets.length - results.length) / seconds),
  ];
}

function setsOf(results: readonly PairResult[]): TakenSet[] {
  return results.flatMap(({ sets }) => sets);
}

function pausesOf(results: readonly PairResult[]): TakenSet[] {
  return results.flatMap(({ afterPause }) => afterPause);
}

function skews(sets: readonly TakenSet[]): number[] {
  return sets.map(({ skew }) => skew);
}

function ages(sets: readonly TakenSet[]): number[] {
  return sets.map(({ oldest }) => oldest);
}

/** p50 / p95 / p99 */
export function three(values: readonly number[]): string {
  return [0.5, 0.95, 0.99].map((fraction) => cell(percentile(values, fraction))).join(" / ");
}

function ratio(value: number, reference: number): string {
  return `${cell(value / reference, 3)}x`;
}
