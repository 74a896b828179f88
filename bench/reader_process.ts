/** A reader in a process of its own, and the one JSON line that it prints. */
import { fileURLToPath } from "node:url";
import { Child } from "../test/support/child.ts";
import { type RuntimeName, RUNTIMES } from "../test/support/runtimes.ts";

/** Milliseconds for connecting and ending, besides what the reader measures. */
const SPARE = 30_000;

/** As the tables have them. */
export const RUNTIME_TITLES: Readonly<Record<RuntimeName, string>> = {
  deno: "Deno",
  bun: "Bun",
  node: "Node",
};

/** Readers leave nothing behind in the repository. */
export const READER_ENV = { NO_COLOR: "1", PYTHONDONTWRITEBYTECODE: "1" };

/** What the readers of `readers/sampler.ts` and `sampler.py` print. */
export interface Samples {
  readonly reader: string;
  readonly version: string;
  readonly firstFrameMs: number;
  /** Ages in milliseconds. */
  readonly samples: number[];
  /** Pictures without a readable stamp. */
  readonly misread: number;
  readonly seconds: number;
}

/** Undefined when the reader ended without its line; why is on the console. */
export async function runReader<T = Samples>(
  command: readonly string[],
  seconds: number,
  env: Readonly<Record<string, string>> = {},
): Promise<T | undefined> {
  const [name, ...args] = command;
  const child = new Child(name!, args, { env: { ...env, ...READER_ENV } });
  const timer = setTimeout(() => child.signal("SIGKILL"), seconds * 1000 + SPARE);
  const { code, signal } = await child.exited;
  clearTimeout(timer);
  const line = child.stdout.trimEnd().split("\n").findLast((text) => text.startsWith("{"));
  if (line) return JSON.parse(line);
  console.error(`no result (${signal ?? code}) of ${command.join(" ")}\n${child.stderr}`);
  return undefined;
}

/** The command of a TypeScript reader of ours. */
export function ours(runtime: RuntimeName, script: string): string[] {
  const { script: command, permitting } = RUNTIMES[runtime];
  return [...command, ...permitting, script];
}

/** The path of a file in `readers/`. */
export function readerPath(name: string): string {
  return fileURLToPath(new URL(`./readers/${name}`, import.meta.url));
}
