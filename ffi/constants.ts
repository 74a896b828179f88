/**
 * Values of FFmpeg's headers that are the same in all releases.
 *
 * @module
 */

/** `AV_NOPTS_VALUE` (libavutil/avutil.h): a time that is not known. */
export const NOPTS = -(2n ** 63n);

/** `AV_PKT_FLAG_*` (libavcodec/packet.h). */
export const AV_PKT_FLAG_KEY = 1;
export const AV_PKT_FLAG_CORRUPT = 2;

/** `AV_FRAME_FLAG_KEY` (libavutil/frame.h), from FFmpeg 6.1 on. */
export const AV_FRAME_FLAG_KEY = 1 << 1;

/** `AVDISCARD_ALL` (libavcodec/defs.h): no packet of the stream is wanted. */
export const AVDISCARD_ALL = 48;

/** `AVFMTCTX_NOHEADER` (libavformat/avformat.h): streams may appear with their packets. */
export const AVFMTCTX_NOHEADER = 1;

/** `AVCOL_RANGE_*` (libavutil/pixfmt.h): 16 to 235, and 0 to 255. */
export const AVCOL_RANGE_MPEG = 1;
export const AVCOL_RANGE_JPEG = 2;

/** `AVCOL_SPC_*` (libavutil/pixfmt.h). */
export const AVCOL_SPC_RGB = 0;
export const AVCOL_SPC_BT709 = 1;
export const AVCOL_SPC_UNSPECIFIED = 2;
export const AVCOL_SPC_SMPTE170M = 6;
export const AVCOL_SPC_BT2020_NCL = 9;
