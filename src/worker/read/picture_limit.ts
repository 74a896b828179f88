/**
 * How large pictures may be: a stream may declare any size, and memory is taken for it.
 *
 * @module
 */

import { SessionError } from "../../av/check.ts";
import type { Track } from "../../core/connection/track.ts";

/** 7680 x 4320. */
const MAX_PIXELS = 33_177_600;

/** For decoders, those that only look at a stream too. */
export const PICTURE_LIMIT = { max_pixels: String(MAX_PIXELS) } as const;

/**
 * Refuses what is known to be too large.
 *
 * @throws {SessionError} `UNSUPPORTED_CODEC`
 */
export function assertFits({ width = 0, height = 0 }: Pick<Track, "width" | "height">): void {
  if (width * height <= MAX_PIXELS) return;
  const reason = `its pictures are ${width}x${height}, and more than ${MAX_PIXELS} pixels ` +
    `(7680x4320) are not decoded`;
  throw new SessionError("open", "UNSUPPORTED_CODEC", reason);
}
