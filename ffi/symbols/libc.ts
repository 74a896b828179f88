/**
 * The C library.
 *
 * @module
 */

import { fn } from "../types.ts";

export const libc = {
  // size_t strlen(const char *s);
  strlen: fn("usize", "pointer"),
  // void *memcpy(void *dest, const void *src, size_t n);
  memcpy: fn("pointer", "pointer", "pointer", "usize"),
} as const;
