/** Lets all faults happen, and then writes docs/faults.md. */

import { writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { warmUp } from "../lifecycle.ts";
import { TABLES } from "./catalogue.ts";
import { clientsFor, happenAll } from "./happen.ts";
import { page } from "./page.ts";
import { stopIn, STOPS } from "./stops.ts";

const failures: string[] = [];
for (const table of TABLES) {
  for (const client of clientsFor(table)) {
    const wrong = await happenAll(table, client);
    const name = client ? `${table.title}, with ${client.name}` : table.title;
    console.log(`${name}: ${table.faults.length - wrong.length} of ${table.faults.length}`);
    failures.push(...wrong);
  }
}
await warmUp();
for (const stop of STOPS) {
  await stopIn(stop).catch((error) => failures.push(`${stop.over}: ${stop.when}: ${error.stack}`));
}
if (failures.length > 0) {
  console.log(failures.join("\n\n"));
  process.exit(1);
}
const file = fileURLToPath(new URL("../../../docs/faults.md", import.meta.url));
writeFileSync(file, page(TABLES, STOPS));
console.log(`wrote ${file}`);
