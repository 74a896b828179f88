/**
 * Struct offsets per FFmpeg release.
 *
 * @module
 */

import type { layout as newest } from "./release_5_1.ts";

/** Byte offsets of the fields that are read or written; -1 for a field the release has not. */
export type Layout = {
  readonly [S in keyof typeof newest]: { readonly [F in keyof (typeof newest)[S]]: number };
};

export { layout as release_5_1 } from "./release_5_1.ts";
