/**
 * AVPixelFormat by its name.
 *
 * @module
 */

import { cString, type Libav } from "../../ffi/mod.ts";
import { SessionError } from "./check.ts";

/** @throws {SessionError} `UNSUPPORTED_CODEC` when FFmpeg has no format of that name. */
export function pixelFormatNamed(libav: Libav, name: string): number {
  const format = libav.symbols.av_get_pix_fmt(cString(name));
  if (format >= 0) return format;
  throw new SessionError("open", "UNSUPPORTED_CODEC", `no pixel format "${name}"`);
}
