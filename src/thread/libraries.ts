/**
 * What the background threads know of FFmpeg's libraries: one has searched for them and tested
 * them, the others open the same ones.
 *
 * @module
 */

import type { VerifiedLibraries } from "../core/connection/libraries.ts";

/** Undefined until the first thread has loaded them. */
export const libraries: { verified: VerifiedLibraries | undefined } = { verified: undefined };
