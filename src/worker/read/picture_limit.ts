/**
 * How large pictures may be: a stream may declare any size, and memory is taken for it.
 *
 * @module
 */

import { SessionError } from "../../av/check.ts";
import type { Input } from "../../av/input.ts";
import type { Packet } from "../../av/packet.ts";
import type { Track } from "../../core/connection/track.ts";
import { pictureFileSize } from "../../core/frame/picture_file.ts";

/** 7680 x 4320. */
const MAX_PIXELS = 33_177_600;

/** For decoders, those that only look at a stream too. */
export const PICTURE_LIMIT = { max_pixels: String(MAX_PIXELS) } as const;

/** Their packets are picture files. */
const PICTURE_CODECS: ReadonlySet<string> = new Set([
  ...["mjpeg", "png", "apng", "gif", "bmp", "webp", "tiff", "pbm", "pgm", "ppm"],
]);
/** The demuxers of picture files, which hand them on without a look into them. */
const PICTURE_DEMUXER = /_pipe$/;
/** The size stands in here, unless it is a JPEG with much in front, or a TIFF. */
const HEADER_BYTES = 4096;

/**
 * Refuses what is known to be too large.
 *
 * @throws {SessionError} `UNSUPPORTED_CODEC`
 */
export function assertFits(picture: Pick<Track, "width" | "height"> | undefined): void {
  const { width = 0, height = 0 } = picture ?? {};
  if (width * height <= MAX_PIXELS) return;
  const reason = `its pictures are ${width}x${height}, and more than ${MAX_PIXELS} pixels ` +
    `(7680x4320) are not decoded`;
  throw new SessionError("open", "UNSUPPORTED_CODEC", reason);
}

/**
 * Refuses a picture file before all of it is read: a hundred megabytes may be missing yet.
 *
 * @throws {SessionError} `UNSUPPORTED_CODEC`
 */
export function assertFileFits(input: Input): void {
  if (!PICTURE_DEMUXER.test(input.container)) return;
  assertFits(pictureFileSize(input.bytes.peek(HEADER_BYTES)));
}

/**
 * Refuses a packet by what stands in it.
 *
 * @throws {SessionError} `UNSUPPORTED_CODEC`
 */
export function assertPacketFits(packet: Packet, codec: string): void {
  if (!PICTURE_CODECS.has(codec)) return;
  assertFits(pictureFileSize(packet.copyData()));
}
