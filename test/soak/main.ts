/**
 * `./run soak [MINUTES]`: so many minutes in each runtime, and a table of what the process holds
 * before and after each kind of work.
 */

import process from "node:process";
import { RUNTIME_NAMES } from "../support/runtimes.ts";
import { ACTIVITIES } from "./activities.ts";
import { faultsOf, soak, TABLE_HEAD, tableRow } from "./soak.ts";

const [text = "10"] = process.argv.slice(2);
const minutes = Number(text);
if (!(minutes > 0 && minutes <= 100_000)) {
  console.error(`./run soak [MINUTES]: a number of minutes, got ${text}`);
  process.exit(2);
}
const seconds = minutes * 60 / Object.keys(ACTIVITIES).length;
let faults = 0;
for (const runtime of RUNTIME_NAMES) {
  console.log(`${runtime}, ${minutes} ${minutes === 1 ? "minute" : "minutes"}\n\n${TABLE_HEAD}`);
  for (const row of await soak(runtime, seconds, (row) => console.log(tableRow(row)))) {
    faults += faultsOf(row).length;
  }
  console.log("");
}
process.exit(faults === 0 ? 0 : 1);
