/**
 * Options of a snapshot: type and quality.
 *
 * @module
 */

import { type FieldsOf, number, oneOf, resolve, type Resolved } from "./fields.ts";

/** Image types of a snapshot. */
export type ImageType = "image/jpeg" | "image/png";

/** Options of `VideoStream.snapshot()`. */
export interface SnapshotOptions {
  /**
   * The image type that the frame is encoded to.
   * @default "image/jpeg"
   */
  readonly type?: ImageType | undefined;
  /**
   * Quality of a JPEG, from 1 (smallest) to 100 (best). PNG is lossless.
   * @default 90
   */
  readonly quality?: number | undefined;
}

const TYPES: readonly ImageType[] = ["image/jpeg", "image/png"];
const FIELDS = {
  type: oneOf(TYPES, "image/jpeg"),
  quality: number(90, { min: 1, max: 100 }),
} satisfies FieldsOf<SnapshotOptions>;

/** Options of a still picture, filled in. */
export type ImageRequest = Resolved<typeof FIELDS>;

export function resolveSnapshot(options?: SnapshotOptions): ImageRequest {
  return resolve("snapshot", options, FIELDS);
}
