/**
 * libsrt, where libavformat was built with it; it has no place in the table of libraries.
 *
 * @module
 */

import { fn } from "../backend/types.ts";

export const srt = {
  // srt.h: int srt_getlasterror(int *errno_loc);
  srt_getlasterror: fn("i32", "buffer"),
  // logging_api.h: void srt_setloglevel(int ll);
  srt_setloglevel: fn("void", "i32"),
} as const;
