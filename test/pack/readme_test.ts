/** The README's tables of runtimes, forms and sizes are those that the tests go by. */

import { assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../pack/sources.ts";
import { formsTable, sizesTable } from "./ways.ts";

/** The tables of a document, without the line below each head. */
function tablesOf(markdown: string): string[][][] {
  return Array.from(markdown.matchAll(/(?:^\|.*\|$\n?)+/gm), ([table]) =>
    table.trim().split("\n")
      .filter((_, line) => line !== 1)
      .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim())));
}

for (const [what, table] of Object.entries({ forms: formsTable(), sizes: sizesTable() })) {
  test(`the README's table of ${what} says what is tested`, async () => {
    const tables = tablesOf(await readFile(join(ROOT, "README.md"), "utf8"));
    const [head] = table;
    assertEquals(tables.find(([first]) => String(first) === String(head)), table);
  });
}
