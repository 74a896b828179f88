/** docs/faults.md says what the tables of faults say, which their tests hold against what happens. */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TABLES } from "../live/faults/catalogue.ts";
import { page } from "../live/faults/page.ts";
import { STOPS } from "../live/faults/stops.ts";
import { scriptPath } from "./child.ts";

const ROWS = TABLES.flatMap(({ title, faults }) => faults.map((fault) => ({ title, ...fault })));

test("docs/faults.md is what ./run faults makes of the tables", () => {
  const file = scriptPath("../../docs/faults.md", import.meta.url);
  assertEquals(readFileSync(file, "utf8").split("\n"), page(TABLES, STOPS).split("\n"));
});

test("no fault has two rows", () => {
  const names = ROWS.map(({ title, over, wrong }) => `${title}: ${over}: ${wrong}`);
  assertEquals(names.filter((name, i) => names.indexOf(name) !== i), []);
  assertGreaterOrEqual(names.length, 60);
});

test("what a row says of an error fits together", () => {
  for (const { over, wrong, code, retryable, events, recovery } of ROWS) {
    const name = `${over}: ${wrong}`;
    assertEquals(code === undefined, retryable === undefined, name);
    if (code === undefined) assertEquals(recovery, "not needed", name);
    if (retryable === false) assertEquals([events, recovery], ["connecting failed", "never"], name);
    if (recovery === "by itself") assert(events.endsWith("reconnecting"), name);
  }
});
