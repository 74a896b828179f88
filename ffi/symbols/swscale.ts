/**
 * libswscale and libswresample (which libavcodec needs beside it).
 *
 * @module
 */

import { fn } from "../backend/types.ts";

export const swscale = {
  // swscale.h: unsigned swscale_version(void);
  swscale_version: fn("u32"),
  // swscale.h: const int *sws_getCoefficients(int colorspace);
  sws_getCoefficients: fn("pointer", "i32"),
  // swscale.h: struct SwsContext *sws_alloc_context(void);
  sws_alloc_context: fn("pointer"),
  // swscale.h: int sws_init_context(struct SwsContext *sws_context, SwsFilter *srcFilter, SwsFilter *dstFilter);
  sws_init_context: fn("i32", "pointer", "pointer", "pointer"),
  // swscale.h: void sws_freeContext(struct SwsContext *swsContext);
  sws_freeContext: fn("void", "pointer"),
  // swscale.h: int sws_scale(struct SwsContext *c, const uint8_t *const srcSlice[], const int srcStride[], int srcSliceY, int srcSliceH, uint8_t *const dst[], const int dstStride[]);
  sws_scale: fn("i32", "pointer", "pointer", "pointer", "i32", "i32", "pointer", "pointer"),
  // swscale.h: int sws_setColorspaceDetails(struct SwsContext *c, const int inv_table[4], int srcRange, const int table[4], int dstRange, int brightness, int contrast, int saturation);
  sws_setColorspaceDetails: fn(
    "i32",
    "pointer",
    "pointer",
    "i32",
    "pointer",
    "i32",
    "i32",
    "i32",
    "i32",
  ),
} as const;

export const swresample = {
  // swresample.h: unsigned swresample_version(void);
  swresample_version: fn("u32"),
} as const;
