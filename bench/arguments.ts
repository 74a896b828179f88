/** What the command line says about how to measure. */
import process from "node:process";
import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Of one reader in one round; undefined is the bench's own default. */
  readonly seconds?: number | undefined;
  readonly rounds?: number | undefined;
  /** Only the readers, streams or camera counts that contain one of these texts. */
  readonly only: readonly string[];
  /** The directory of another checkout of this package, to compare with. */
  readonly base?: string | undefined;
  /** Prints, and writes nothing. */
  readonly dry: boolean;
}

export interface Arguments {
  readonly names: readonly string[];
  readonly options: BenchOptions;
}

export function readArguments(): Arguments {
  const { positionals, values } = parseArgs({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      seconds: { type: "string" },
      rounds: { type: "string" },
      only: { type: "string", multiple: true },
      base: { type: "string" },
      dry: { type: "boolean" },
    },
  });
  return {
    names: positionals,
    options: {
      seconds: positive("seconds", values.seconds),
      rounds: positive("rounds", values.rounds),
      only: values.only ?? [],
      base: values.base,
      dry: values.dry ?? false,
    },
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`--${name} must be a positive number, got ${text}`);
  return value;
}

/** Whether `--only` lets it take part. */
export function chosen({ only }: BenchOptions, name: string): boolean {
  return only.length === 0 || only.some((text) => name.includes(text));
}

/**
 * As `chosen`, where `--only` may name things of several kinds: texts that fit none of
 * this kind say nothing about it.
 */
export function chosenOf({ only }: BenchOptions, kind: readonly string[], name: string): boolean {
  const meant = only.filter((text) => kind.some((one) => one.includes(text)));
  return meant.length === 0 || meant.some((text) => name.includes(text));
}
