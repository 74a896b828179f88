/**
 * What the generated files beside this one have in common.
 *
 * @module
 */

import type { layout } from "./release_5_1.ts";

/** Byte offsets of the fields that are read or written; -1 for a field the release has not. */
export type Layout = {
  readonly [S in keyof typeof layout]: { readonly [F in keyof (typeof layout)[S]]: number };
};
