/** Half a minute of what `./run soak` does for hours. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { running } from "../support/runtimes.ts";
import { ACTIVITIES } from "./activities.ts";
import { faultsOf, soak, tableRow } from "./soak.ts";

test(
  "memory, threads and files stay as they are, whatever is done",
  { timeout: 240_000 },
  async () => {
    const rows = await soak(running, 4);
    assertEquals(rows.map(({ activity }) => activity), Object.keys(ACTIVITIES));
    const faults = rows.filter((row) => faultsOf(row).length > 0);
    assertEquals(faults.map(tableRow), []);
  },
);
