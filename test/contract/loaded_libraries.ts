/** libc and FFmpeg's libraries, loaded by the backend of this runtime. */

import { assert } from "@std/assert";
import { PointerCell } from "../../ffi/backend/memory.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { fn, type Pointer } from "../../ffi/backend/types.ts";
import { loadLibc, loadRelease } from "../../ffi/load/mod.ts";

export const backend = loadBackend();
export const loadedLibc = loadLibc(backend);
export const { symbols: av, paths } = loadRelease(backend);

/** More of libc than the package needs: its answers are known. */
export const c = backend.open(loadedLibc.path, {
  // int abs(int j);
  abs: fn("i32", "i32"),
  // int atoi(const char *nptr);
  atoi: fn("i32", "buffer"),
  // long long llabs(long long j);
  llabs: fn("i64", "i64"),
  // long long strtoll(const char *nptr, char **endptr, int base);
  strtoll: fn("i64", "buffer", "buffer", "i32"),
  // unsigned long long strtoull(const char *nptr, char **endptr, int base);
  strtoull: fn("u64", "buffer", "buffer", "i32"),
  // double strtod(const char *nptr, char **endptr);
  strtod: fn("f64", "buffer", "buffer"),
  // double ldexp(double x, int exp);
  ldexp: fn("f64", "f64", "i32"),
  // void *memset(void *s, int c, size_t n);
  memset: fn("pointer", "pointer", "i32", "usize"),
}).symbols;

export const util = backend.open(paths.avutil, {
  // crc.h: const AVCRC *av_crc_get_table(AVCRCId crc_id);
  av_crc_get_table: fn("pointer", "i32"),
  // crc.h: uint32_t av_crc(const AVCRC *ctx, uint32_t crc, const uint8_t *buffer, size_t length);
  av_crc: fn("u32", "pointer", "u32", "buffer", "usize"),
  // mathematics.h: int64_t av_rescale(int64_t a, int64_t b, int64_t c);
  av_rescale: fn("i64", "i64", "i64", "i64"),
  // mem.h: void av_free(void *ptr);
  av_free: fn("void", "pointer"),
  // opt.h: int av_opt_get(void *obj, const char *name, int search_flags, uint8_t **out_val);
  av_opt_get: fn("i32", "pointer", "buffer", "i32", "buffer"),
  // rational.h: AVRational av_mul_q(AVRational b, AVRational c);
  av_mul_q: fn("rational", "rational", "rational"),
}).symbols;

export const PAST_DOUBLE = 2n ** 53n + 1n;

export function nonNull(pointer: Pointer | null): Pointer {
  assert(pointer !== null, "a pointer is NULL");
  return pointer;
}

/** Runs `use` with a fresh AVCodecContext. */
export function withCodecContext(use: (context: Pointer) => void): void {
  const cell = new PointerCell(backend, av.avcodec_alloc_context3(null));
  try {
    use(nonNull(cell.value));
  } finally {
    av.avcodec_free_context(cell.buffer);
  }
}

/** Runs `use` with an empty AVDictionary's cell. */
export function withDictionary(use: (cell: PointerCell) => void): void {
  const cell = new PointerCell(backend);
  try {
    use(cell);
  } finally {
    av.av_dict_free(cell.buffer);
  }
}
