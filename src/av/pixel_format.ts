/**
 * AVPixelFormat by its name.
 *
 * @module
 */

import { cString, type Libav } from "../../ffi/mod.ts";
import { SessionError } from "./check.ts";

/**
 * The one that the option `pixelFormat` asks for, or none.
 *
 * @throws {SessionError} `OPTION_UNKNOWN` when FFmpeg has no format of that name.
 */
export function assertPixelFormat(libav: Libav, name: string | undefined): void {
  if (name === undefined || libav.symbols.av_get_pix_fmt(cString(name)) >= 0) return;
  const reason = `the option pixelFormat is "${name}", which this FFmpeg does not know; ` +
    `"ffmpeg -pix_fmts" lists those that it does`;
  throw new SessionError("open", "OPTION_UNKNOWN", reason);
}

/** @throws {SessionError} `UNSUPPORTED_CODEC` when FFmpeg has no format of that name. */
export function pixelFormatNamed(libav: Libav, name: string): number {
  const format = libav.symbols.av_get_pix_fmt(cString(name));
  if (format >= 0) return format;
  throw new SessionError("open", "UNSUPPORTED_CODEC", `no pixel format "${name}"`);
}
