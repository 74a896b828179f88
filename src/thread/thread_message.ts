/**
 * What every background thread tells.
 *
 * @module
 */

import type { StreamErrorFields } from "../core/connection/errors.ts";

/** The last words of an attempt, and of a thread. */
export type ThreadMessage =
  /** The attempt is over, everything of it closed; no error: the end of a finite stream. */
  | { readonly type: "ended"; readonly error?: StreamErrorFields }
  | { readonly type: "closed" };
