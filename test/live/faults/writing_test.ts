/** What is wrong with servers and files that are written to. */

import { testTable } from "./happen.ts";
import { WRITING } from "./writing_faults.ts";

for (const table of WRITING) testTable(table);
