/**
 * The C library.
 *
 * @module
 */

import { fn } from "../backend/types.ts";

export const libc = {
  // size_t strlen(const char *s);
  strlen: fn("usize", "pointer"),
  // void *memset(void *s, int c, size_t n);
  memset: fn("pointer", "pointer", "i32", "usize"),
  // void *memcpy(void *dest, const void *src, size_t n);
  memcpy: fn("pointer", "pointer", "pointer", "usize"),
} as const;
