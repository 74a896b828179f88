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

/** What is asked of the sockets that libav has opened. */
export const sockets = {
  // int getpeername(int socket, struct sockaddr *address, socklen_t *address_len);
  getpeername: fn("i32", "i32", "buffer", "buffer"),
  // int getsockname(int socket, struct sockaddr *address, socklen_t *address_len);
  getsockname: fn("i32", "i32", "buffer", "buffer"),
  // int getsockopt(int socket, int level, int option_name, void *option_value, socklen_t *option_len);
  getsockopt: fn("i32", "i32", "i32", "i32", "buffer", "buffer"),
  // int setsockopt(int socket, int level, int option_name, const void *option_value, socklen_t option_len);
  setsockopt: fn("i32", "i32", "i32", "i32", "buffer", "u32"),
  // int ioctl(int fd, unsigned long request, ...);
  ioctl: fn("i32", "i32", "u64", "buffer"),
} as const;

/** Linux: what a path names. */
export const statx = {
  // int statx(int dirfd, const char *restrict pathname, int flags, unsigned int mask, struct statx *restrict statxbuf);
  statx: fn("i32", "i32", "buffer", "i32", "u32", "buffer"),
} as const;

/** macOS: the same; on its older processors the name says how large an inode's number is. */
export const stat = {
  // int stat(const char *restrict path, struct stat *restrict buf);
  stat: fn("i32", "buffer", "buffer"),
} as const;
export const stat64 = {
  // int stat(const char *restrict path, struct stat *restrict buf);
  "stat$INODE64": fn("i32", "buffer", "buffer"),
} as const;

/** Where a link leads. */
export const links = {
  // ssize_t readlink(const char *restrict path, char *restrict buf, size_t bufsiz);
  readlink: fn("i64", "buffer", "buffer", "usize"),
} as const;

/** The bytes of a file. */
export const stdio = {
  // FILE *fopen(const char *restrict pathname, const char *restrict mode);
  fopen: fn("pointer", "buffer", "buffer"),
  // int fseek(FILE *stream, long offset, int whence);
  fseek: fn("i32", "pointer", "i64", "i32"),
  // size_t fread(void *restrict ptr, size_t size, size_t nmemb, FILE *restrict stream);
  fread: fn("usize", "buffer", "usize", "usize", "pointer"),
  // int fclose(FILE *stream);
  fclose: fn("i32", "pointer"),
} as const;
