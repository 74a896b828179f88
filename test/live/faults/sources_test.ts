/** What is wrong with sources that are no RTSP cameras. */

import { OTHER_SOURCES } from "./catalogue.ts";
import { testTable } from "./happen.ts";

for (const table of OTHER_SOURCES) testTable(table);
