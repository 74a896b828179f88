/** The page that the figures are written to. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const PATH = fileURLToPath(new URL("./README.md", import.meta.url));

/** A table; the first row is the head. */
export type Table = readonly (readonly string[])[];

export interface Part {
  readonly title: string;
  /** What is measured and how, in Markdown. */
  readonly text: string;
  readonly table: Table;
}

/** Has a table, or parts with one each. */
export interface Section extends Omit<Part, "table"> {
  readonly name: string;
  readonly table?: Table | undefined;
  readonly parts?: readonly Part[] | undefined;
}

/** Puts a section in its place on the page, and leaves the others as they are. */
export function writeSection({ name, title, text, table, parts = [] }: Section): void {
  const page = readFileSync(PATH, "utf8");
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < 0) throw new Error(`bench/README.md has no place for ${name}`);
  const made = `Made ${
    new Date().toISOString().slice(0, 10)
  } by \`./run bench ${name}\`, ${machine()}`;
  const body = [
    `## ${title}`,
    text,
    ...table ? [markdown(table)] : [],
    ...parts.flatMap((part) => [`### ${part.title}`, part.text, markdown(part.table)]),
    made,
  ];
  const written = [begin, ...body, ""].join("\n\n");
  writeFileSync(PATH, page.slice(0, from) + written + page.slice(to));
}

/** The table on the console. */
export function printTable(table: Table): void {
  console.log(markdown(table));
}

function markdown([head, ...rows]: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head!.map((_, column) => (column === 0 ? "---" : "---:"));
  return [line(head!), line(rule), ...rows.map(line)].join("\n");
}

function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `on ${cpus().length} cores (${first?.model.trim()}), ${memory} GiB, ` +
    `FFmpeg ${ffmpegVersion()}, Deno ${version("deno")}, Bun ${version("bun")}, ` +
    `Node ${version("node")}.`;
}

function ffmpegVersion(): string {
  const text = execFileSync("ffmpeg", ["-version"], { encoding: "utf8" });
  return /version (\S+)/.exec(text)?.[1] ?? "unknown";
}

function version(command: string): string {
  return /[\d.]+/.exec(execFileSync(command, ["--version"], { encoding: "utf8" }))?.[0] ??
    "unknown";
}
