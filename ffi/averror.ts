/**
 * The names of libav's error numbers.
 *
 * @module
 */

import type { Platform } from "./backend/types.ts";

/** `FFERRTAG` of libavutil/error.h: four bytes, little endian, negated. */
function tag(text: string, first?: number): number {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => text.charCodeAt(i));
  return -((first! ?? a!) | (b! << 8) | (c! << 16) | (d! << 24));
}

/** Tags whose first byte is 0xF8, written `?` here. */
function marked(text: string): number {
  return tag(text, 0xf8);
}

/** The tagged errors of libavutil/error.h. */
export const AVERROR = {
  EOF: tag("EOF "),
  EXIT: tag("EXIT"),
  INVALIDDATA: tag("INDA"),
  BSF_NOT_FOUND: marked("?BSF"),
  DECODER_NOT_FOUND: marked("?DEC"),
  DEMUXER_NOT_FOUND: marked("?DEM"),
  ENCODER_NOT_FOUND: marked("?ENC"),
  MUXER_NOT_FOUND: marked("?MUX"),
  OPTION_NOT_FOUND: marked("?OPT"),
  PROTOCOL_NOT_FOUND: marked("?PRO"),
  STREAM_NOT_FOUND: marked("?STR"),
  EXTERNAL: tag("EXT "),
  BUG: tag("BUG!"),
  PATCHWELCOME: tag("PAWE"),
  UNKNOWN: tag("UNKN"),
  HTTP_BAD_REQUEST: marked("?400"),
  HTTP_UNAUTHORIZED: marked("?401"),
  HTTP_FORBIDDEN: marked("?403"),
  HTTP_NOT_FOUND: marked("?404"),
  HTTP_OTHER_4XX: marked("?4XX"),
  HTTP_SERVER_ERROR: marked("?5XX"),
} as const;

/** errno values that decide which error a user sees: those of all systems, and the others. */
const COMMON = {
  ENOENT: 2,
  EIO: 5,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ERANGE: 34,
} as const;

const ERRNO = {
  linux: {
    ...COMMON,
    EAGAIN: 11,
    ENAMETOOLONG: 36,
    ENOSYS: 38,
    ELOOP: 40,
    EPROTONOSUPPORT: 93,
    EADDRINUSE: 98,
    EADDRNOTAVAIL: 99,
    ENETDOWN: 100,
    ENETUNREACH: 101,
    ECONNRESET: 104,
    ETIMEDOUT: 110,
    ECONNREFUSED: 111,
    EHOSTUNREACH: 113,
  },
  bsd: {
    ...COMMON,
    EAGAIN: 35,
    EPROTONOSUPPORT: 43,
    EADDRINUSE: 48,
    EADDRNOTAVAIL: 49,
    ENETDOWN: 50,
    ENETUNREACH: 51,
    ECONNRESET: 54,
    ETIMEDOUT: 60,
    ECONNREFUSED: 61,
    ELOOP: 62,
    ENAMETOOLONG: 63,
    EHOSTUNREACH: 65,
    ENOSYS: 78,
  },
  // libavformat maps the Winsock codes to these of <errno.h> (network.h).
  windows: {
    ...COMMON,
    EAGAIN: 11,
    ENAMETOOLONG: 38,
    ENOSYS: 40,
    EADDRINUSE: 100,
    EADDRNOTAVAIL: 101,
    ECONNREFUSED: 107,
    ECONNRESET: 108,
    EHOSTUNREACH: 110,
    ELOOP: 114,
    ENETDOWN: 116,
    ENETUNREACH: 118,
    EPROTONOSUPPORT: 135,
    ETIMEDOUT: 138,
  },
} as const;

export type ErrnoName = keyof typeof ERRNO.linux;

function errnoTable(os: Platform["os"]): Readonly<Record<ErrnoName, number>> {
  if (os === "windows") return ERRNO.windows;
  return os === "darwin" || os === "freebsd" ? ERRNO.bsd : ERRNO.linux;
}

/** `AVERROR(errno)` on this system. */
export function averror(name: ErrnoName, os: Platform["os"]): number {
  return -errnoTable(os)[name];
}

/**
 * The name of a libav return code: `"ECONNREFUSED"`, `"INVALIDDATA"`, or
 * undefined for one that has none here.
 */
export function averrorName(code: number, os: Platform["os"]): string | undefined {
  for (const [name, value] of Object.entries(AVERROR)) if (value === code) return name;
  for (const [name, value] of Object.entries(errnoTable(os))) if (-value === code) return name;
  return undefined;
}
