/** What long work leaves behind, and what changed bytes do: `./run soak`, `./run fuzz`. */
import { fileURLToPath } from "node:url";
import { Child } from "../test/support/child.ts";
import type { BenchOptions } from "./arguments.ts";
import { printTable, type Table, writeSection } from "./page.ts";

const MINUTES = 10;
const CASES = 1000;
const HOUR = 3_600_000;

/** `--seconds` are those of one runtime. */
export async function soak({ seconds = MINUTES * 60, dry }: BenchOptions): Promise<void> {
  const minutes = seconds / 60;
  const lines = await run("soak", `${minutes}`);
  let runtime = "";
  const rows: string[][] = [];
  for (const line of lines) {
    runtime = /^(\w+), [\d.]+ minutes?$/.exec(line)?.[1] ?? runtime;
    const cells = /^\| (.*) \|$/.exec(line)?.[1]?.split(" | ");
    if (cells && /^\d+$/.test(cells[1] ?? "")) rows.push([runtime, ...cells]);
  }
  const head = ["runtime", "what", "times", "MB before", "MB after", "threads", "files", "bounds"];
  const table = [head, ...rows];
  printTable(table);
  if (dry) return;
  writeSection({
    name: "soak",
    title: "What long work leaves",
    text: `\`./run soak ${minutes}\`: a program does each of these for its share of ` +
      `${
        minutes === 1 ? "a minute" : `${minutes} minutes`
      }, but for at least 250 reconnections. The ` +
      `resident set, with the garbage collected, is taken while it is done, half way and at the end, ` +
      `threads and open files when nothing is done; Deno and Node run without V8's optimizing ` +
      `compilers, whose own memory would hide what is left. The bounds are in ` +
      `[\`test/soak/soak.ts\`](../test/soak/soak.ts).`,
    table,
  });
}

/** `--rounds` are the changed files, and as many exchanges, in each runtime. */
export async function fuzz({ rounds = CASES, dry }: BenchOptions): Promise<void> {
  const lines = await run("fuzz", `${rounds}`);
  const rows: string[][] = [];
  for (const line of lines) {
    const [, runtime, what, outcomes] = /^(\w+), (files|exchanges): (.*)$/.exec(line) ?? [];
    if (runtime) rows.push([runtime, what!, outcomes!, "0"]);
    else if (line.startsWith("  FOUND")) count(rows.at(-1));
  }
  const table: Table = [["runtime", "changed", "how they ended", "crashes, hangs"], ...rows];
  printTable(table);
  if (dry) return;
  writeSection({
    name: "fuzz",
    title: "Changed files and exchanges",
    text: `\`./run fuzz ${rounds}\`: so many files of nineteen kinds, and as many exchanges over ` +
      `RTSP, RTMP, HTTP and HLS, with bytes that were changed at random. ${lines[0] ?? ""}.`,
    table,
  });
}

function count(row: string[] | undefined): void {
  row?.push(`${Number(row.pop()) + 1}`);
}

/** The lines that a command of `./run` prints; it fails when it has found something. */
async function run(name: string, argument: string): Promise<string[]> {
  const script = fileURLToPath(new URL(`../test/${name}/main.ts`, import.meta.url));
  await using child = new Child("deno", ["run", "-A", "--no-check", script, argument], {
    onLine: (line) => console.log(line),
  });
  const timer = setTimeout(() => child.signal("SIGKILL"), HOUR);
  const { code } = await child.exited;
  clearTimeout(timer);
  if (code !== 0) console.error(`${name} ended with ${code}: ${child.stderr}`);
  return child.stdout.split("\n");
}
