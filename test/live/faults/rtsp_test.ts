/** What is wrong with RTSP cameras and the lines to them. */

import { RTSP } from "./catalogue.ts";
import { testTable } from "./happen.ts";

for (const table of RTSP) testTable(table);
