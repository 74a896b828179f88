/**
 * Still pictures: kinds and quality.
 *
 * @module
 */

import { checkNames, checkNumber, checkOneOf } from "./validate.ts";

/** Kinds of still pictures. */
export type ImageType = "image/jpeg" | "image/png";

/** Options of `VideoStream.snapshot()`. */
export interface SnapshotOptions {
  /**
   * What the picture is encoded as.
   * @default "image/jpeg"
   */
  readonly type?: ImageType;
  /**
   * Of a JPEG: 1 (smallest) to 100 (best). PNG has no loss.
   * @default 90
   */
  readonly quality?: number;
}

/** Options of a still picture, filled in. */
export interface ImageRequest {
  readonly type: ImageType;
  readonly quality: number;
}

const TYPES: readonly ImageType[] = ["image/jpeg", "image/png"];

export function resolveSnapshot(options: SnapshotOptions = {}): ImageRequest {
  checkNames("snapshot", options, ["type", "quality"]);
  return {
    type: checkOneOf("snapshot.type", options.type, "image/jpeg", TYPES),
    quality: checkNumber("snapshot.quality", options.quality, 90, { min: 1, max: 100 }),
  };
}
