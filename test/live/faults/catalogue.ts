/** All faults. */

import type { Table } from "./fault.ts";
import { FILES } from "./file_faults.ts";
import { RTMP } from "./rtmp_faults.ts";
import { RTSP_OPENING } from "./rtsp_opening.ts";
import { RTSP_STREAMING } from "./rtsp_streaming.ts";
import { TS } from "./ts_faults.ts";
import { WEB } from "./web_faults.ts";
import { WRITING } from "./writing_faults.ts";

export const RTSP: readonly Table[] = [RTSP_OPENING, RTSP_STREAMING];
export const OTHER_SOURCES: readonly Table[] = [...RTMP, ...WEB, ...TS, FILES];
export const TABLES: readonly Table[] = [...RTSP, ...OTHER_SOURCES, ...WRITING];
